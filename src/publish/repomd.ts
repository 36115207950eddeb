import { documents } from '../repodata/documents.ts'
import { parseRepomd, type Repomd, type RepomdRecord, writeRepomd } from '../repodata/repomd.ts'
import { databaseVersion } from '../repodata/sqlite/database.ts'
import type { Generation } from '../store/generations.ts'
import type { MetadataFile } from './pooled.ts'

/**
 * The repomd.xml of what is published. Its revision and timestamps never go backwards on one path: yum 3 ignores a
 * repomd.xml that is older than the one it has. The same upstream after the same generation gives the same bytes, unless it
 * says that it is of a time to come: that is not passed on, or whatever follows would be older.
 */
export function makeRepomd(
  upstream: Repomd,
  files: readonly MetadataFile[],
  before: Pick<Generation, 'revision' | 'timestamp'> | undefined,
  now = Date.now(),
): { repomd: Buffer; revision: string; timestamp: number } {
  const seconds = Math.floor(now / 1000)
  const believed = (timestamp: number) => (timestamp > seconds + aheadSeconds ? seconds : timestamp)
  const newest = Math.max(0, ...upstream.records.map(({ timestamp }) => believed(timestamp)))
  const least = before === undefined ? 0 : before.timestamp + 1
  const stamped = (type: string) =>
    Math.max(least, believed(upstream.records.find((record) => record.type === type)?.timestamp ?? newest))
  const records = files.map((file): RepomdRecord => toRecord(file, stamped(file.type)))
  const revision = nextRevision(upstream.revision, newest, before?.revision)
  const timestamp = Math.max(least, ...records.map((record) => record.timestamp))
  return { repomd: writeRepomd({ revision, tags: upstream.tags, records }), revision, timestamp }
}

/**
 * The repomd.xml of a generation that is shown again after another one: its own, byte for byte, where it is newer than that
 * or the first, else the same files at later times.
 */
export function repomdAgain(
  bytes: Buffer,
  own: Times,
  before: Times | undefined,
): { repomd: Buffer; revision: string; timestamp: number } {
  if (before === undefined || isLater(own, before))
    return { repomd: bytes, revision: own.revision, timestamp: own.timestamp }
  const { tags, records: shown } = parseRepomd(bytes)
  const least = before.timestamp + 1
  const records = shown.map((record) => ({ ...record, timestamp: Math.max(least, record.timestamp) }))
  const revision = nextRevision(own.revision, own.timestamp, before.revision)
  const timestamp = Math.max(least, own.timestamp)
  return { repomd: writeRepomd({ revision, tags, records }), revision, timestamp }
}

type Times = Pick<Generation, 'revision' | 'timestamp'>

function isLater(own: Times, before: Times): boolean {
  if (own.timestamp <= before.timestamp) return false
  return !isInteger(before.revision) || (isInteger(own.revision) && BigInt(own.revision) > BigInt(before.revision))
}

function toRecord({ type, path, sha256, size, openChecksum, openSize }: MetadataFile, timestamp: number): RepomdRecord {
  const checksum = { algorithm: 'sha256', hex: sha256 } as const
  const version = isDatabase(type) ? databaseVersion : undefined
  return { type, href: path, checksum, size, openChecksum, openSize, timestamp, databaseVersion: version }
}

/** One of our own: upstream's are not published beside documents that were written anew. */
function isDatabase(type: string): boolean {
  return documents.some((name) => type === `${name}_db`)
}

/** No clock is so far ahead. */
const aheadSeconds = 86_400

/** An integer, however long, is compared with what was shown; any other text stands for the newest timestamp. */
function nextRevision(upstream: string, newest: number, before: string | undefined): string {
  if (before === undefined) return upstream === '' ? String(newest) : upstream
  const least = isInteger(before) ? BigInt(before) + 1n : 0n
  const own = BigInt(isInteger(upstream) ? upstream : newest)
  return String(own > least ? own : least)
}

function isInteger(text: string): boolean {
  return /^\d{1,100}$/.test(text)
}
