import type * as z from 'zod/mini'
import type { IssueParams } from './keys.ts'
import { type Mistakes, quoted } from './mistakes.ts'
import { levels } from './schema.ts'
import { nearest } from './suggest.ts'
import { label, locate, type Tree, writtenPath } from './tree.ts'
import { clientOnly, type Refused, unbuilt } from './unbuilt.ts'

type Path = readonly PropertyKey[]
type Issue = z.core.$ZodIssue

/** Where messages go, what they call the tree, and how its file joins a key and its value. */
export type Shaping = { mistakes: Mistakes; name: Path; assign: ': ' | '=' }

/**
 * A file's tree in the schema's shape. Each mistake is told, and what is mistaken is then left out, so that the rest
 * can be judged further.
 */
export function shaped<S extends z.ZodMiniType>(schema: S, tree: Tree, shaping: Shaping): z.output<S> {
  const value = { all: structuredClone(tree.value) }
  for (;;) {
    const result = schema.safeParse(value.all)
    if (result.success) return result.data
    for (const issue of result.error.issues) {
      tell(issue, tree, shaping)
      for (const path of mistaken(issue)) leaveOut(value, ['all', ...path])
    }
  }
}

function mistaken(issue: Issue): Path[] {
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path]
}

/** A mistake in a list leaves out the list. */
function leaveOut(within: object, path: Path): void {
  const end = path.findLastIndex((key) => typeof key !== 'number')
  const key = path[end]!
  const holder = path.slice(0, end).reduce((value, step) => Reflect.get(value, step) ?? {}, within)
  if (end === 0) Object.assign(holder, { all: {} })
  else Reflect.deleteProperty(holder, key)
}

function tell(issue: Issue, tree: Tree, shaping: Shaping): void {
  const written = locate(tree, ...issue.path)
  const key = label(...shaping.name, ...writtenPath(tree, issue.path))
  if (issue.code === 'unrecognized_keys') {
    for (const unknown of issue.keys) tellUnknown(unknown, issue.path, tree, shaping)
  } else if (issue.code !== 'custom') {
    tellUnlike(container(issue), key, written, shaping)
  } else {
    const { unit } = issue.params as IssueParams
    if ('refused' in unit) tellRefused(unit as Refused, key, written, shaping)
    else tellUnlike(unit, key, written, shaping)
  }
}

type Expected = { is: string; write: string; isSecret?: true }

function container(issue: Issue): Expected {
  const list = issue.code === 'invalid_type' && issue.expected === 'array'
  return list ? { is: 'a list', write: 'write [one, two]' } : { is: 'keys and values', write: 'write key: value' }
}

function tellUnlike(expected: Expected, key: string, { place, value }: Tree, { mistakes }: Shaping): void {
  const { is, write, isSecret } = expected
  const found = isSecret
    ? 'something else'
    : typeof value === 'string'
      ? quoted(value)
      : Array.isArray(value)
        ? 'a list'
        : 'keys and values'
  mistakes.about({ place, called: key }, `expected ${is}, found ${found}`, write)
}

/** `epel.gpgcheck=1 is not supported yet`; other values than a switch's, such as passwords, are not shown. */
function tellRefused({ is, write }: Refused, key: string, { place, value }: Tree, { mistakes, assign }: Shaping): void {
  const shown = typeof value === 'string' && /^(0|1|yes|no|true|false|on|off)$/i.test(value) ? assign + value : ''
  mistakes.add(place, `${key}${shown} is ${is}`, write.replace('=', assign))
}

function tellUnknown(key: string, path: Path, tree: Tree, { mistakes, name }: Shaping): void {
  const { keyPlace } = locate(tree, ...path, key)
  mistakes.add(keyPlace, `${label(...name, ...path, key)}: unknown key`, () => advice(key, path))
}

/** A key of the same level that is near, or that the word belongs elsewhere, or all that could stand here. */
function advice(key: string, path: Path): string {
  const here = Object.keys(levels[levelAt(path)]).filter((known) => !(known in unbuilt))
  const meant = nearest(key, here)
  if (meant !== undefined) return `did you mean ${meant}?`
  if (clientOnly.has(key)) return 'it says how dnf uses a repository, not how to mirror it: leave it out'
  const level = Object.entries(levels).find(([, keys]) => key in keys)?.[0]
  return level === undefined ? `the keys here are ${here.join(', ')}` : `it belongs to ${level}`
}

function levelAt(path: Path): keyof typeof levels {
  if (path.at(-1) === 'defaults') return 'defaults:'
  if (path[0] === 'repos') return 'a repository'
  if (path[0] === 'channels') return 'a channel'
  return path[0] === 'include' ? 'an entry of include:' : 'the top level'
}
