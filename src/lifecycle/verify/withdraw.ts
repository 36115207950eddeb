import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { MirrorError } from '../../errors.ts'
import { companions } from '../../publish/fixedNames.ts'
import { type MetadataFile, writePooledDocument } from '../../publish/pooled.ts'
import { type Destination, publish } from '../../publish/publish.ts'
import { makeRepomd } from '../../publish/repomd.ts'
import { formatLike, readOpened, sniff } from '../../repodata/compression.ts'
import { type DocumentName, documents, kinds } from '../../repodata/documents.ts'
import { readPkgid, readPrimaryRecord } from '../../repodata/primary/select.ts'
import { parseRepomd, type Repomd, type RepomdRecord } from '../../repodata/repomd.ts'
import { contentRows } from '../../store/content.ts'
import { makeDurable } from '../../store/durable.ts'
import { currentGeneration, type Generation } from '../../store/generations.ts'
import { type Member, memberRows, stageMembers } from '../../store/members.ts'
import type { State } from '../../store/state.ts'
import { openRecords } from '../../xml/cut.ts'

/** What a tree was published without: the paths of files, and how many of them are packages. */
export type Withdrawn = { files: string[]; packages: number; generation: Generation }

/**
 * Publishes a tree's current generation once more without what is lost of it, so that everything that it names is there:
 * the three documents without the records of lost packages, repomd.xml without lost metadata. Upstream is not asked.
 * @throws E_DAMAGED where that cannot be: without primary, filelists, other, modules documents or repomd.xml itself, and
 *   where a signature is of the repomd.xml that would be replaced
 */
export async function withdraw(
  state: State,
  destination: Destination,
  lost: ReadonlySet<string>,
): Promise<Withdrawn | undefined> {
  const before = currentGeneration(state.database, destination.repo)
  if (before === undefined) return undefined
  const members = memberRows(state.database, destination.repo).allCurrent()
  const gone = members.filter(({ sha256 }) => lost.has(sha256))
  if (gone.length === 0 && !lost.has(before.repomd)) return undefined
  const repomd = readable(before, members, lost, state)
  const records = repomd.records.filter(({ checksum }) => !lost.has(checksum.hex))
  const hrefs = new Set(gone.filter(({ kind }) => kind === 'package').map(({ path }) => path))
  const opened = openOwn(records, state)
  const less = await lostPackages(hrefs, opened)
  const packages = before.packages - less.records
  const files = less.records === 0 ? records.map(asFile) : await without(less, packages, records, opened, state)
  stage(members, gone, files, repomd, state)
  const made = { ...makeRepomd(repomd, files, before), packages, bytes: before.bytes - less.bytes }
  const generation = await publish(state, destination, { ...before, ...made })
  return { files: gone.map(({ path }) => path), packages: less.records, generation }
}

/** Records without which what is published would mean something else to clients than it did. */
const needed: ReadonlySet<string> = new Set([...documents, 'modules'])

function readable(before: Generation, members: readonly Member[], lost: ReadonlySet<string>, { pool }: State): Repomd {
  const cannot = (why: string) => new MirrorError('E_DAMAGED', `it cannot be published without what is lost: ${why}`)
  if (lost.has(before.repomd)) throw cannot('that is its repomd.xml')
  if (members.some(({ path }) => companions.includes(path))) throw cannot('its repomd.xml is signed')
  const repomd = byContent(parseRepomd(readFileSync(pool.path(before.repomd))), members)
  const record = repomd.records.find(({ type, checksum }) => needed.has(type) && lost.has(checksum.hex))
  if (record !== undefined) throw cannot(`that is ${record.type}`)
  return repomd
}

/** What was adopted or came in an archive may have its metadata by other digests than the pool's: these say where it is. */
function byContent({ records, ...repomd }: Repomd, members: readonly Member[]): Repomd {
  const contents = new Map(members.map(({ path, sha256 }) => [path, sha256] as const))
  const known = records.map((record): RepomdRecord => {
    const hex = contents.get(record.href)
    return hex === undefined ? record : { ...record, checksum: { algorithm: 'sha256', hex } }
  })
  return { ...repomd, records: known }
}

function asFile({ type, href, checksum, size = 0, openChecksum, openSize }: RepomdRecord): MetadataFile {
  return { type, path: href, sha256: checksum.hex, size, digest: checksum, openChecksum, openSize }
}

/** Our own documents as they are published: where each lies, and its records. */
type Own = { file: (name: DocumentName) => string; open: (name: DocumentName) => ReturnType<typeof openRecords> }

function openOwn(records: readonly RepomdRecord[], { pool }: State): Own {
  const record = (name: DocumentName) => records.find(({ type }) => type === name) as RepomdRecord
  const file = (name: DocumentName) => pool.path(record(name).checksum.hex)
  return { file, open: (name) => openRecords(readOpened(file(name), record(name)), kinds[name]) }
}

/** What goes: its hrefs, its pkgids, how many records and bytes of packages that are. */
type Less = { hrefs: ReadonlySet<string>; pkgids: ReadonlySet<string>; records: number; bytes: number }

async function lostPackages(hrefs: ReadonlySet<string>, { open }: Own): Promise<Less> {
  const pkgids = new Set<string>()
  const less = { hrefs, pkgids, records: 0, bytes: 0 }
  if (hrefs.size === 0) return less
  const { batches } = await open('primary')
  for await (const batch of batches)
    for (const record of batch) {
      const { href, checksum, size } = readPrimaryRecord(record)
      if (!hrefs.has(href)) continue
      pkgids.add(checksum.hex)
      less.records++
      less.bytes += size
    }
  return less
}

/** The metadata of what is left: documents written anew, databases of them left out, the rest as it is. */
async function without(
  { hrefs, pkgids }: Less,
  packages: number,
  records: readonly RepomdRecord[],
  { file, open }: Own,
  state: State,
): Promise<MetadataFile[]> {
  const isLeft = {
    primary: (record: Buffer) => !hrefs.has(readPrimaryRecord(record).href),
    filelists: (record: Buffer) => !pkgids.has(readPkgid(record)),
    other: (record: Buffer) => !pkgids.has(readPkgid(record)),
  }
  const written: MetadataFile[] = []
  for (const name of documents) {
    const format = formatLike((await sniff(file(name))).format)
    written.push(await writePooledDocument(name, packages, leftOf(open(name), isLeft[name]), format, state))
  }
  const paths = written.map(({ sha256 }) => state.pool.path(sha256))
  await makeDurable(paths, paths.map(dirname))
  contentRows(state.database).add(written)
  const others = records.filter(({ type }) => !documents.some((name) => type === name || type === `${name}_db`))
  return [...written, ...others.map(asFile)]
}

type Opening = ReturnType<typeof openRecords>

async function* leftOf(opening: Opening, isLeft: (record: Buffer) => boolean): AsyncGenerator<Buffer[]> {
  const { batches } = await opening
  for await (const batch of batches) yield batch.filter(isLeft)
}

/** Everything that is left, the metadata as it is now. */
function stage(
  members: readonly Member[],
  gone: readonly Member[],
  files: readonly MetadataFile[],
  repomd: Repomd,
  { database }: State,
): void {
  const staged = stageMembers(database)
  staged.clear()
  const metadata = new Set(repomd.records.map(({ href }) => href))
  for (const member of members) if (!gone.includes(member) && !metadata.has(member.path)) staged.add(member)
  const kindAt = new Map(members.map(({ path, kind }) => [path, kind] as const))
  for (const { path, sha256 } of files)
    staged.add({ path, kind: kindAt.get(path) ?? 'metadata', sha256, dropped: undefined })
  staged.done()
}
