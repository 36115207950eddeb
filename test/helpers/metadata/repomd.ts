import { digest } from '../checker/digest.ts'
import type { Element } from '../checker/xml.ts'
import { attributeDifferences, childDifferences, orderDifferences, valueDifferences, without } from './elements.ts'
import { child, type MetadataRecord, type Repository } from './repository.ts'

/**
 * How two repomd.xml differ: records, their order and their elements. Checksums and sizes of the files may be others,
 * since compressors are; each side's are held against its own files instead.
 */
export function repomdDifferences(ours: Repository, theirs: Repository): string[] {
  const types = (repository: Repository) => repository.records.map(({ type }) => type)
  const [a, b] = [types(ours), types(theirs)]
  const [onlyOurs, onlyTheirs] = [without(a, b), without(b, a)]
  const common = (list: string[], gone: number[]) => list.filter((_, at) => !gone.includes(at))
  return [
    ...headDifferences(ours.repomd, theirs.repomd),
    ...onlyOurs.map((at) => `repomd: only ours: ${a[at]}`),
    ...onlyTheirs.map((at) => `repomd: only theirs: ${b[at]}`),
    ...orderDifferences('repomd', common(a, onlyOurs), common(b, onlyTheirs)),
    ...common(a, onlyOurs).flatMap((type) => recordDifferences(find(ours, type), find(theirs, type))),
    ...strayDifferences(ours.strays, theirs.strays),
    ...ours.records.flatMap((record) => problemsOf(record).map((problem) => `ours: ${problem}`)),
    ...theirs.records.flatMap((record) => problemsOf(record).map((problem) => `theirs: ${problem}`)),
  ]
}

/** A file's name without the checksum in front. */
export function withoutChecksum(name: string): string {
  return name.replace(
    /(^|\/)(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})-/,
    '$1CHECKSUM-',
  )
}

function find({ records }: Repository, type: string): MetadataRecord {
  return records.find((record) => record.type === type)!
}

/** The root, and everything in it that is no record. */
function headDifferences(ours: Element, theirs: Element): string[] {
  const head = ({ children }: Element) => children.filter(({ name }) => name !== 'data')
  return [
    ...valueDifferences('repomd', ours.name, theirs.name),
    ...attributeDifferences('repomd', ours, theirs),
    ...childDifferences('repomd', head(ours), head(theirs)),
    ...valueDifferences('repomd: where the records begin', firstRecord(ours), firstRecord(theirs)),
  ]
}

function firstRecord({ children }: Element): boolean {
  const first = children.findIndex(({ name }) => name === 'data')
  return first === -1 || children.slice(first).every(({ name }) => name === 'data')
}

function recordDifferences(ours: MetadataRecord, theirs: MetadataRecord): string[] {
  return childDifferences(`repomd: ${ours.type}`, comparable(ours.element), comparable(theirs.element)).concat(
    attributeDifferences(`repomd: ${ours.type}`, ours.element, theirs.element),
  )
}

/** The elements of a record, without what depends on the compressor and the time. */
function comparable({ children }: Element): Element[] {
  const own = new Set(['checksum', 'open-checksum', 'header-checksum', 'timestamp', 'size', 'open-size', 'header-size'])
  return children.map((element) => {
    if (element.name === 'location') return { ...element, attributes: nameless(element.attributes) }
    return own.has(element.name) ? { ...element, text: '' } : element
  })
}

function nameless(attributes: Record<string, string>): Record<string, string> {
  return { ...attributes, href: withoutChecksum(attributes.href ?? '') }
}

function strayDifferences(ours: string[], theirs: string[]): string[] {
  const [a, b] = [ours.map(withoutChecksum), theirs.map(withoutChecksum)]
  return [
    ...without(a, b).map((at) => `repodata: only ours, not in repomd.xml: ${ours[at]}`),
    ...without(b, a).map((at) => `repodata: only theirs, not in repomd.xml: ${theirs[at]}`),
  ]
}

/** What a record says of its file that is not so. */
function problemsOf({ type, element, href, bytes, document, mtime }: MetadataRecord): string[] {
  if (bytes === undefined || document === undefined) return [`${type}: ${href} cannot be read`]
  const of = (name: string) => child(element, name)
  const checks: [string, string | undefined, string][] = [
    ['checksum', of('checksum')?.text, digestOf(of('checksum'), bytes)],
    ['open-checksum', of('open-checksum')?.text, digestOf(of('open-checksum'), document)],
    ['size', of('size')?.text, String(bytes.length)],
    ['open-size', of('open-size')?.text, String(document.length)],
    ['timestamp', of('timestamp')?.text, String(mtime)],
    ['name', /(?:^|\/)([0-9a-f]{32,128})-/.exec(href)?.[1], of('checksum')?.text ?? ''],
  ]
  return checks
    .filter(([, stated, actual]) => stated !== undefined && stated !== actual)
    .map(([what, stated, actual]) => `${type}: ${what} says ${stated}, the file ${actual}`)
}

function digestOf(stated: Element | undefined, bytes: Buffer): string {
  return stated === undefined ? '' : digest(bytes, stated.attributes.type ?? '')
}
