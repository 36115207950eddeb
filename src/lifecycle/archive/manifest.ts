import { createHash } from 'node:crypto'
import * as z from 'zod/mini'
import { publishPath } from '../../config/paths.ts'
import { MirrorError } from '../../errors.ts'
import { pointer } from '../../publish/publish.ts'
import { wrongPath } from '../paths.ts'
import { blockBytes, shownName } from './tar.ts'

/** Raised whenever an older program would misread what is written. */
const formatVersion = 1

const sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/))
const count = z.number().check(z.nonnegative(), z.multipleOf(1), z.maximum(Number.MAX_SAFE_INTEGER))
const line = z.string().check(z.regex(/^\P{Cc}{0,1000}$/u))
const time = z.string().check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/))

const member = z.strictObject({
  path: z.string().check(z.refine((path) => wrongPath(path) === undefined)),
  kind: z.enum(['package', 'metadata', 'tree', 'extra']),
  sha256,
  size: count,
})

const generation = z.strictObject({
  number: count,
  /** sha256 and size of its repomd.xml, a content like all others. */
  repomd: sha256,
  repomdSize: count,
  revision: line,
  timestamp: count,
  created: time,
  packages: count,
  bytes: count,
  upstreamPackages: count,
  /** What vouched for it where it was exported. */
  trust: line,
})

const repo = z.strictObject({
  id: line,
  path: z.string().check(z.refine((path) => isPublishPath(path))),
  name: line,
  generation,
  /** The generation whose contents are not in the archive, where it is an incremental one. */
  base: z.nullable(z.strictObject({ number: count, repomd: sha256 })),
  members: z.array(member),
})

/**
 * What an archive says of itself, in its first entry, so that all of it can be checked before anything is published.
 * Contents are in the archive in the order of `contents`; what members name besides comes with the base.
 */
const schema = z.strictObject({
  format: z.literal('mirror archive'),
  version: z.literal(formatVersion),
  created: time,
  /** The id of the state that it was exported from. */
  state: line,
  /** The archive that it was made to follow, by its manifest's sha256; null where it follows none, or a generation. */
  base: z.nullable(z.strictObject({ manifest: sha256, created: time, name: line })),
  /** How long each of its parts but the last is; null where it is in one. */
  partBytes: z.nullable(count.check(z.minimum(blockBytes))),
  repos: z.array(repo),
  contents: z.array(z.strictObject({ sha256, size: count })),
})

export type Manifest = z.infer<typeof schema>
export type ManifestRepo = z.infer<typeof repo>
export type ManifestMember = z.infer<typeof member>

/** A manifest as it lies in an archive. */
export type WrittenManifest = { bytes: Buffer; sha256: string }

/** No manifest may be larger: one of a million files is. */
export const maxManifest = 256 * 1024 ** 2

/** The manifest as bytes: JSON with a line for each file, so that two of them can be compared. */
export function writeManifest({ repos, contents, ...head }: Omit<Manifest, 'format' | 'version'>): WrittenManifest {
  const lines = (items: readonly object[]) => `[\n${items.map((item) => JSON.stringify(item)).join(',\n')}\n]`
  const reposText = repos.map(({ members, ...rest }) => inFront(rest, `"members":${lines(members)}`))
  const whole = inFront(
    { format: 'mirror archive', version: formatVersion, ...head },
    `"repos":[\n${reposText.join(',\n')}\n],\n"contents":${lines(contents)}`,
  )
  const bytes = Buffer.from(`${whole}\n`)
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') }
}

/** An object's text with more before its closing brace. */
function inFront(object: object, more: string): string {
  return `${JSON.stringify(object).slice(0, -1)},\n${more}}`
}

/** How many bytes contents have together. */
export function bytesOf(contents: Manifest['contents']): number {
  return contents.reduce((sum, { size }) => sum + size, 0)
}

/** Reads a manifest and checks all that it says of itself. @throws E_ARCHIVE naming what is wrong with it, and where */
export function readManifest(bytes: Buffer): Manifest {
  const value = parsed(bytes)
  if (value.format !== 'mirror archive') throw wrong('it is none of an archive of mirror')
  if (value.version !== formatVersion)
    throw wrong(`its format is ${shownName(String(value.version))}, this program reads ${formatVersion}`)
  const result = schema.safeParse(value)
  if (!result.success) throw wrong(mistakeIn(value, result.error.issues[0]?.path ?? []))
  checkWhole(result.data)
  return result.data
}

function parsed(bytes: Buffer): Record<string, unknown> {
  try {
    return Object(JSON.parse(bytes.toString('utf8'))) as Record<string, unknown>
  } catch (cause) {
    throw wrong(`it is no JSON: ${(cause as Error).message.slice(0, 200)}`)
  }
}

/** `repos.0.members.3.path: "../x" leads out of the repository`. */
function mistakeIn(value: unknown, path: readonly PropertyKey[]): string {
  const found = path.reduce<unknown>((part, key) => (part as Record<PropertyKey, unknown> | undefined)?.[key], value)
  const text = JSON.stringify(found)?.slice(0, 200) ?? 'nothing'
  const why = path.at(-1) === 'path' && typeof found === 'string' ? wrongPath(found) : undefined
  return `${path.map(String).join('.')}: ${text} ${why ?? 'is not what an export writes there'}`
}

/** Names occur once, sizes agree, and every content is one that a member or a repomd.xml is. */
function checkWhole({ repos, contents }: Manifest): void {
  const paths = new Set<string>()
  const sizes = new Map<string, number>()
  for (const { path, generation: shown, members } of repos) {
    if (paths.has(path)) throw wrong(`it has two repositories at ${shownName(path)}`)
    paths.add(path)
    agree(sizes, shown.repomd, shown.repomdSize)
    const files = new Set<string>()
    for (const file of members) {
      if (files.has(file.path)) throw wrong(`it has two files ${shownName(file.path)} in ${shownName(path)}`)
      files.add(file.path)
      agree(sizes, file.sha256, file.size)
    }
    checkFolders(new Set([...files, pointer]), path)
  }
  const seen = new Set<string>()
  for (const content of contents) {
    if (seen.has(content.sha256)) throw wrong(`it has the content ${content.sha256.slice(0, 16)}... twice`)
    seen.add(content.sha256)
    if (!sizes.has(content.sha256)) throw wrong(`no repository has its content ${content.sha256.slice(0, 16)}...`)
    agree(sizes, content.sha256, content.size)
  }
}

function agree(sizes: Map<string, number>, content: string, size: number): void {
  const stated = sizes.get(content) ?? size
  if (stated !== size) throw wrong(`it states two sizes of ${content.slice(0, 16)}...: ${stated} and ${size}`)
  sizes.set(content, size)
}

/** No file may lie where another one has a folder. */
function checkFolders(files: ReadonlySet<string>, repository: string): void {
  for (const file of files)
    for (let slash = file.lastIndexOf('/'); slash !== -1; slash = file.lastIndexOf('/', slash - 1))
      if (files.has(file.slice(0, slash)))
        throw wrong(`${shownName(file.slice(0, slash))} in ${shownName(repository)} is a file and a folder`)
}

function wrong(what: string): MirrorError {
  return new MirrorError('E_ARCHIVE', `its manifest cannot be used: ${what}`)
}

function isPublishPath(text: string): boolean {
  const result = publishPath(text)
  return 'path' in result && result.path === text
}
