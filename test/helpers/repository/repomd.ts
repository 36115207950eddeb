import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { compressFor } from './compression.ts'
import { documentXml, type Node, node, type Style } from './xml.ts'

/** A document for `<data>`; it is compressed if its name ends with .gz, .zst, .xz or .bz2. */
export interface RecordSpec {
  type: string
  name: string
  body: Buffer | string
}

/** A document with its bytes as they are stored. */
export interface StoredRecord {
  type: string
  href: string
  bytes: Buffer
  /** The document before compression. */
  opened: Buffer | undefined
}

/** Compresses a document and names it, by its checksum unless the name is to be simple. */
export function makeRecord({ type, name, body }: RecordSpec, isSimple: boolean): StoredRecord {
  const document = Buffer.from(body)
  const compressed = compressFor(name, document)
  const bytes = compressed ?? document
  const href = `repodata/${isSimple ? '' : `${sha256(bytes)}-`}${name}`
  return { type, href, bytes, opened: compressed && document }
}

/** repomd.xml; the records' timestamp is the revision where that is a number. */
export function repomdXml(revision: string, records: StoredRecord[], style: Style): Buffer {
  const timestamp = /^\d+$/.test(revision) ? revision : '1700000000'
  const data = records.map((record) => dataNode(record, timestamp))
  const root = node('repomd', {}, [node('revision', {}, revision), ...data])
  return documentXml(root, 'repo', style === 'prefixed' ? 'plain' : style)
}

function dataNode({ type, href, bytes, opened }: StoredRecord, timestamp: string): Node {
  return node('data', { type }, [
    node('checksum', { type: 'sha256' }, sha256(bytes)),
    ...(opened ? [node('open-checksum', { type: 'sha256' }, sha256(opened))] : []),
    node('location', { href }),
    node('timestamp', {}, timestamp),
    node('size', {}, String(bytes.length)),
    ...(opened ? [node('open-size', {}, String(opened.length))] : []),
  ])
}

/** One more than the revision of the repository in this folder, 1700000000 if there is none. */
export async function nextRevision(dir: string): Promise<string> {
  const repomd = await readFile(join(dir, 'repodata/repomd.xml'), 'utf8').catch(() => '')
  const [, revision] = /revision>(\d+)</.exec(repomd) ?? []
  return String(revision === undefined ? 1_700_000_000 : Number(revision) + 1)
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
