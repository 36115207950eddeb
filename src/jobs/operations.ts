import * as z from 'zod/mini'
import { snapshotsFolder } from '../config/channels.ts'
import { chooseRepos } from '../config/choose.ts'
import { MirrorError } from '../errors.ts'
import { forgottenPaths } from '../lifecycle/forget.ts'
import { promotedPaths } from '../lifecycle/promote.ts'
import { rolledBackPath } from '../lifecycle/rollback.ts'
import { createdPaths } from '../lifecycle/snapshots.ts'
import { type Operation, operation } from './operation.ts'

/** Longer ids, globs and names, in characters, are nobody's. */
const name = z.string().check(z.maxLength(1024))

/**
 * Every verb that writes, but for sync, by its name: one entry is all that the command line's `operate`, the admin API
 * and the daemon's queue need of it. What carries it out is loaded when it is asked for.
 */
export const operations = {
  adopt: operation({
    arguments: z.strictObject({
      folder: z.string(),
      as: z._default(z.nullable(z.string()), null),
      take: z._default(z.boolean(), false),
    }),
    writes: (config, { as }) => (as === null ? [] : chooseRepos(config, [as]).map(({ path }) => path)),
    run: async (operating) => (await import('./adopt.ts')).adoptHere(operating),
  }),
  import: operation({
    arguments: z.strictObject({
      file: z.string(),
      keys: z._default(z.array(z.string()), []),
      fingerprints: z._default(z.array(z.string()), []),
      dryRun: z._default(z.boolean(), false),
      acceptOrigin: z._default(z.boolean(), false),
    }),
    writes: ({ repos }) => repos.flatMap(({ path, archive }) => (archive === undefined ? [] : path)),
    run: async (operating) => (await import('./import.ts')).importInto(operating),
  }),
  promote: operation({
    arguments: z.strictObject({
      repos: z._default(z.array(name), []),
      from: z.optional(name),
      to: name,
      scheduled: z._default(z.boolean(), false),
      force: z._default(z.boolean(), false),
    }),
    writes: promotedPaths,
    run: async (operating) => (await import('../lifecycle/promote.ts')).promote(operating),
  }),
  rollback: operation({
    arguments: z.strictObject({ repo: name, to: z.optional(z.int().check(z.minimum(1))), channel: z.optional(name) }),
    writes: (config, given) => [rolledBackPath(config, given)],
    run: async (operating) => (await import('../lifecycle/rollback.ts')).rollback(operating),
  }),
  release: operation({
    arguments: z.strictObject({ repos: z.array(name).check(z.minLength(1)) }),
    writes: (config, { repos }) => chooseRepos(config, repos).map(({ path }) => path),
    run: async (operating) => (await import('../lifecycle/rollback.ts')).releaseRepos(operating),
  }),
  'snapshot-create': operation({
    arguments: z.strictObject({ name, repos: z._default(z.array(name), []), channel: z.optional(name) }),
    writes: createdPaths,
    run: async (operating) => (await import('../lifecycle/snapshots.ts')).createSnapshot(operating),
  }),
  'snapshot-drop': operation({
    arguments: z.strictObject({ name }),
    writes: () => [snapshotsFolder],
    run: async (operating) => (await import('../lifecycle/snapshots.ts')).dropSnapshot(operating),
  }),
  forget: operation({
    arguments: z.strictObject({ paths: z.array(name).check(z.minLength(1)) }),
    writes: forgottenPaths,
    run: async (operating) => (await import('../lifecycle/forget.ts')).forget(operating),
  }),
  gc: operation({
    arguments: z.strictObject({
      dryRun: z._default(z.boolean(), false),
      all: z._default(z.boolean(), false),
      acceptDeletions: z._default(z.boolean(), false),
    }),
    writes: () => 'all',
    run: async (operating) => (await import('./gc.ts')).gc(operating),
  }),
  repair: operation({
    arguments: z.strictObject({
      repos: z._default(z.array(z.string()), []),
      contents: z.array(z.string().check(z.regex(/^[0-9a-f]{64}$/))),
    }),
    writes: () => 'all',
    run: async (operating) => (await import('./repair.ts')).repairAsked(operating),
  }),
  scrub: operation({
    arguments: z.strictObject({}),
    writes: () => 'all',
    run: async (operating) => (await import('./scrub.ts')).scrub(operating),
  }),
}

/** The names of the table. */
export type OperationName = keyof typeof operations

/** What an operation is told, where what has a default may be left out. */
export type ArgumentsOf<Name extends OperationName> = z.input<(typeof operations)[Name]['arguments']>

/** What it answers. */
export type AnswerOf<Name extends OperationName> = Awaited<ReturnType<(typeof operations)[Name]['run']>>

/** The operation of a name; undefined where there is none. */
export function findOperation(name: string): Operation | undefined {
  return Object.hasOwn(operations, name) ? operations[name as OperationName] : undefined
}

/** The arguments as the operation takes them, defaults filled in. @throws E_USAGE naming what is wrong */
export function checkedArguments({ arguments: shape }: Operation, given: unknown): unknown {
  const { success, data, error } = shape.safeParse(given)
  if (success) return data
  throw new MirrorError('E_USAGE', issueText(error))
}

/** The first thing that is wrong with a value, in a line that names the field. */
export function issueText({ issues: [issue] }: z.core.$ZodError): string {
  const field = issue === undefined ? '' : [...issue.path, ...('keys' in issue ? [issue.keys[0]] : [])].join('.')
  const what = issue?.code === 'unrecognized_keys' ? 'unknown field' : (issue?.message ?? 'not understood')
  return `${field === '' ? 'the body' : field}: ${what}`
}
