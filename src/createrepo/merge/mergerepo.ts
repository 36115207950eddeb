import { mkdirSync, mkdtempSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Readable } from 'node:stream'
import { writeCompressed } from '../../publish/compressed.ts'
import { writeDatabases } from '../../publish/databases.ts'
import { type Names, type Published, publishSet, type StagedRecord } from '../../publish/directory.ts'
import { plainName } from '../../publish/metadataName.ts'
import { stage } from '../../publish/staging.ts'
import { suffixes, type WrittenFormat } from '../../repodata/compression.ts'
import { maxCompsBytes, mergeComps } from '../../repodata/comps.ts'
import { type DocumentName, documents } from '../../repodata/documents.ts'
import { wholeOf } from '../../repodata/whole.ts'
import { readPlain } from '../additional.ts'
import type { Writing } from '../documents.ts'
import { mergeModules } from '../modules.ts'
import { choose, type Method } from './choose.ts'
import { mergeDocument, type Taken } from './document.ts'
import { type Entry, readEntries } from './entries.ts'
import { allowedByKoji } from './koji.ts'
import { metadataOf, openFolder, type Source, withoutSlash } from './source.ts'
import { mergeUpdateinfo } from './updateinfo.ts'

/** An order to merge repositories, with mergerepo_c's options. */
export type MergeOptions = {
  /** Folders and URLs, or what was opened already; where it matters, the first one counts. */
  repos: (string | Source)[]
  output: string
  method: Method
  /** undefined: all. */
  archs: ReadonlySet<string> | undefined
  /** A repository whose packages take the place of noarch packages of the same file name. */
  noarchRepo: string | undefined
  /** Gives no xml:base to packages that have none. */
  omitBaseurl: boolean
  prefix: { search: string; replace: string } | undefined
  /** Koji's rules of what is let in; `simple` keeps them to what is blocked. */
  koji: { blocked: ReadonlySet<string>; simple: boolean } | undefined
  pkgorigins: boolean
  groups: 'first' | 'merged' | 'none' | { file: string }
  updateinfo: boolean
  filelistsExt: boolean
  /** Other metadata files, by the type of their records. */
  attached?: readonly { type: string; name: string; file: string }[]
  database: boolean
  format: WrittenFormat
  names: Names
  notice: (message: string) => void
  signal: AbortSignal
}

/** Makes one repository of the metadata of several, as mergerepo_c does; packages stay where they are. */
export async function mergerepo(options: MergeOptions): Promise<Published & { packages: number }> {
  const { output, format, names, notice, signal } = options
  mkdirSync(output, { recursive: true, mode: 0o755 })
  await using staging = await stage(output, { notice })
  await using sources = new AsyncDisposableStack()
  const open = (given: string) => openSource(given, staging.folder, sources, signal)
  const repos: Source[] = []
  for (const given of options.repos) repos.push(typeof given === 'string' ? await open(given) : given)
  const noarch = options.noarchRepo === undefined ? undefined : await open(options.noarchRepo)
  const entries = await candidates(repos, noarch, options)
  const taken = choose(entries, options.method).map((entry) => ({ entry, base: baseOf(entry, repos, options) }))
  const writing = { folder: staging.folder, format, algorithm: 'sha256' } as const
  const staged = [
    ...(await packageRecords(taken, writing, options)),
    ...(await otherRecords(repos, taken, writing, options)),
  ]
  const revision = String(Math.floor(Date.now() / 1000))
  signal.throwIfAborted()
  const published = await publishSet(staging, { revision, tags: [], staged, kept: [] }, { names, unlessSame: true })
  return { ...published, packages: taken.length }
}

async function openSource(
  given: string,
  folder: string,
  opened: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<Source> {
  if (!/^https?:/i.test(given)) return openFolder(given)
  const { openRemote } = await import('./remote.ts')
  return opened.use(await openRemote(given, mkdtempSync(join(folder, 'fetched-')), signal))
}

/** The packages that may be taken: of wanted archs, let in, noarch ones replaced. */
async function candidates(repos: Source[], noarch: Source | undefined, options: MergeOptions): Promise<Entry[]> {
  const { archs, koji, signal } = options
  const all: Entry[][] = []
  for (const source of repos) all.push(await readEntries(source, signal))
  const replacements = noarch === undefined ? [] : await readEntries(noarch, signal)
  const byName = new Map(replacements.map((entry) => [basename(entry.href), entry]))
  const allowed = koji === undefined ? all.flat() : allowedByKoji(all, koji.blocked, koji.simple)
  return allowed
    .map((entry) => (entry.arch === 'noarch' ? (byName.get(basename(entry.href)) ?? entry) : entry))
    .filter(({ arch }) => archs === undefined || archs.has(arch))
}

/** The base that a package is given; one that it has stays. With a list of origins the first repository's get none. */
function baseOf({ base, source }: Entry, repos: Source[], options: MergeOptions): string | undefined {
  if (base !== undefined && base !== '') return undefined
  const isOfRepo = repos.includes(source)
  if (isOfRepo && (options.omitBaseurl || (listsOrigins(options) && source === repos[0]))) return undefined
  const given = withoutSlash(source.given)
  const { search, replace } = options.prefix ?? {}
  if (!isOfRepo || search === undefined || !given.startsWith(search)) return source.base
  return `${replace}${given.slice(search.length)}`
}

/** Koji serves what is merged where its first repository is (mergerepo_c, src/mergerepo_c.c 460). */
function listsOrigins({ koji, pkgorigins }: MergeOptions): boolean {
  return koji !== undefined || pkgorigins
}

/** The documents that describe the packages, and the databases of them. */
async function packageRecords(taken: Taken[], writing: Writing, options: MergeOptions): Promise<StagedRecord[]> {
  const wanted = options.filelistsExt ? ([...documents, 'filelists-ext'] as const) : documents
  const staged: StagedRecord[] = []
  for (const type of wanted) {
    const written = await mergeDocument(type, taken, writing, options.signal)
    staged.push({ type, name: basename(written.file), written })
  }
  if (!options.database) return staged
  const files = staged.map(({ type, written }) => [type, asOpened(written)])
  const sources = Object.fromEntries(files) as Record<DocumentName, ReturnType<typeof asOpened>>
  return [...staged, ...(await writeDatabases(sources, { ...writing, signal: options.signal }))]
}

/** What is known of a written document by those who read it; one that is not compressed is open as it is. */
function asOpened({ file, checksum, openChecksum = checksum, size, openSize = size }: StagedRecord['written']) {
  return { file, checksum, openChecksum, openSize }
}

/** Groups, advisories, modules and Koji's list of origins. */
async function otherRecords(
  repos: Source[],
  taken: Taken[],
  writing: Writing,
  options: MergeOptions,
): Promise<StagedRecord[]> {
  const staged: StagedRecord[] = []
  const add = async (type: string, plain: string, bytes: AsyncIterable<Buffer>, format = writing.format) => {
    const name = `${plain}${suffixes[format]}`
    // Whatever it is called, it must not take the place of a document, or of the folder's lock.
    const file = join(mkdtempSync(join(writing.folder, 'other-')), name)
    const written = await writeCompressed(bytes, { ...writing, format, file })
    staged.push({ type, name, written })
  }
  for (const { type, name, file } of options.attached ?? []) await add(type, name, readPlain(file))
  const comps = options.groups === 'merged' ? await compsOf(repos) : []
  if (comps.length > 0) await add('group', 'comps.xml', Readable.from([mergeComps(comps)]))
  const group = await findGroup(repos, options.groups)
  if (group !== undefined)
    await add('group', plainName(basename(group)).replace(/\.(?:gz|xz|bz2|zst)$/, ''), readPlain(group))
  const updateinfo = options.updateinfo ? await mergeUpdateinfo(repos) : undefined
  if (updateinfo !== undefined) await add('updateinfo', 'updateinfo.xml', updateinfo)
  const modules = await filesOf(repos, 'modules')
  if (modules.length > 0) await add('modules', 'modules.yaml', mergeModules(modules))
  if (listsOrigins(options)) await add('origin', 'pkgorigins', origins(taken), 'gz')
  return staged
}

async function findGroup(repos: Source[], groups: MergeOptions['groups']): Promise<string | undefined> {
  if (groups === 'none' || groups === 'merged') return undefined
  if (groups !== 'first') return groups.file
  return (await filesOf(repos, 'group'))[0] ?? (await filesOf(repos, 'group_gz'))[0]
}

/** The comps of the repositories that have one, uncompressed. */
async function compsOf(repos: Source[]): Promise<Buffer[]> {
  const found: Buffer[] = []
  for (const repo of repos) {
    const file = (await filesOf([repo], 'group'))[0] ?? (await filesOf([repo], 'group_gz'))[0]
    if (file !== undefined) found.push(await wholeOf(readPlain(file), maxCompsBytes, file))
  }
  return found
}

async function filesOf(repos: Source[], type: string): Promise<string[]> {
  const found = await Promise.all(repos.map((source) => metadataOf(source, type)))
  return found.flatMap((metadata) => metadata?.file ?? [])
}

/** Which repository each package is of (mergerepo_c, src/mergerepo_c.c 809-817). */
function origins(taken: Taken[]): AsyncIterable<Buffer> {
  const lines = taken.map(({ entry: { name, version, release, arch, source } }) => {
    const url = source.base.startsWith('/') ? `file://${source.base}/` : `${source.base}/`
    return `${name}-${version}-${release}.${arch}\t${url}\n`
  })
  return Readable.from([Buffer.from(lines.join(''))])
}
