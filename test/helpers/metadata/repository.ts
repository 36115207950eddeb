import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { decompress } from '../checker/digest.ts'
import { type Element, parseXml } from '../checker/xml.ts'

/** A `<data>` of repomd.xml and the file that it names. */
export interface MetadataRecord {
  type: string
  element: Element
  href: string
  /** The file as it lies there, undefined where there is none. */
  bytes: Buffer | undefined
  /** The document within it. */
  document: Buffer | undefined
  /** Of the file, in seconds. */
  mtime: number | undefined
}

/** The metadata of a repository as it lies in a folder. */
export interface Repository {
  /** The root element of repomd.xml, its children as `children`. */
  repomd: Element
  records: MetadataRecord[]
  /** Names of the files in repodata/ that repomd.xml does not name, itself not counted. */
  strays: string[]
}

/** Reads repodata/ below a folder. Throws where repomd.xml is missing or malformed. */
export function readRepository(folder: string): Repository {
  const repomd = readTree(readFileSync(join(folder, 'repodata/repomd.xml')))
  const records = repomd.children.filter(({ name }) => name === 'data').map((element) => readRecord(folder, element))
  const named = new Set(['repodata/repomd.xml', ...records.map(({ href }) => href)])
  const strays = readdirSync(join(folder, 'repodata')).filter((name) => !named.has(`repodata/${name}`))
  return { repomd, records, strays: strays.sort() }
}

/** A whole document as a tree, white space as XML has it: lines end with a newline, attributes hold blanks for it. */
export function readTree(document: Buffer): Element {
  const children: Element[] = []
  const text = new TextDecoder('utf-8', { fatal: true }).decode(document).replaceAll(/\r\n?/g, '\n')
  const blanks = (value: string) => value.replaceAll(/[\t\n]/g, ' ')
  const normal = text.replaceAll(/<[^<>]*>/g, (markup) => markup.replaceAll(/"[^"]*"|'[^']*'/g, blanks))
  const root = parseXml(Buffer.from(normal), (child) => children.push(child))
  return { ...root, children }
}

/** The child of that name, or undefined. */
export function child(element: Element, name: string): Element | undefined {
  return element.children.find((other) => other.name === name)
}

function readRecord(folder: string, element: Element): MetadataRecord {
  const href = child(element, 'location')?.attributes.href ?? ''
  const record = { type: element.attributes.type ?? '', element, href }
  try {
    const bytes = readFileSync(join(folder, href))
    const mtime = Math.floor(statSync(join(folder, href)).mtimeMs / 1000)
    return { ...record, bytes, document: decompress(bytes), mtime }
  } catch {
    return { ...record, bytes: undefined, document: undefined, mtime: undefined }
  }
}
