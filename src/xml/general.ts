import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { MirrorError } from '../errors.ts'
import { checkGap, isPlainTail } from './between.ts'
import { escapeAttribute, escapeText, unescapeXml } from './escape.ts'
import type { DocumentHead, DocumentKind } from './head.ts'

/** Batches of records; returns whether the whole document was in createrepo_c's form, so that its bytes can be taken. */
export type RecordBatches = AsyncGenerator<Buffer[], boolean, undefined>

const limits = { tail: 64 * 1024, record: 64 * 1024 * 1024, depth: 64 }

/**
 * The slow way through a metadata document: for prefixes, comments, CDATA and processing instructions, wherever they
 * stand. Each record is parsed and written again in createrepo_c's form.
 */
export async function* generalRecords(
  first: Buffer,
  chunks: AsyncIterator<Buffer>,
  kind: DocumentKind,
  head: DocumentHead,
): RecordBatches {
  let rest = first
  for (;;) {
    const records: Buffer[] = []
    let from = 0
    for (;;) {
      const token = nextElement(rest, from)
      if (token === undefined) break
      if (token.closesRoot) {
        if (records.length > 0) yield records
        isPlainTail(await readTail(rest.subarray(token.start), chunks), kind.root)
        return false
      }
      records.push(canonical(rest.subarray(token.start, token.end), kind, head))
      from = token.end
    }
    if (records.length > 0) yield records
    rest = rest.subarray(from)
    if (rest.length > limits.record) throw new MirrorError('E_LIMIT', `a record is larger than ${limits.record} bytes`)
    const next = await chunks.next()
    if (next.done === true) throw new MirrorError('E_XML', `</${kind.root}> expected, found the end of the file`)
    rest = Buffer.concat([rest, next.value])
  }
}

/** All that is left of a document; reading to its end is also what compares it with its stated open-checksum. */
async function readTail(first: Buffer, chunks: AsyncIterator<Buffer>): Promise<Buffer> {
  let rest = first
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
    rest = Buffer.concat([rest, next.value])
    if (rest.length > limits.tail) throw new MirrorError('E_LIMIT', `more than ${limits.tail} bytes behind the records`)
  }
  return rest
}

type ElementRange = { start: number; end: number; closesRoot: boolean }

/** The next whole child element of the root, or undefined while it is not complete. */
function nextElement(bytes: Buffer, from: number): ElementRange | undefined {
  let depth = 0
  let start = from
  let gap = from
  for (let at = bytes.indexOf('<', from); at !== -1; at = bytes.indexOf('<', at)) {
    const markup = skipMarkup(bytes, at)
    if (markup === undefined) return undefined
    if (depth === 0) checkGap(bytes, gap, at)
    gap = markup.end
    if (markup.kind === 'end' && depth === 0) return { start: at, end: markup.end, closesRoot: true }
    if (markup.kind === 'start' && depth === 0) start = at
    if (markup.kind === 'start' || markup.kind === 'empty') depth++
    if (markup.kind === 'empty') {
      if (depth === 1) start = at
      depth--
    }
    if (markup.kind === 'end') depth--
    at = markup.end
    if (depth === 0 && markup.kind !== 'other') return { start, end: at, closesRoot: false }
    if (depth > limits.depth) throw new MirrorError('E_XML', `elements nested deeper than ${limits.depth}`)
  }
  return undefined
}

type Markup = { kind: 'start' | 'end' | 'empty' | 'other'; end: number }

function skipMarkup(bytes: Buffer, at: number): Markup | undefined {
  const opening = bytes.toString('latin1', at, at + 9)
  if (opening.startsWith('<!--')) return until(bytes, at + 4, '-->')
  if (opening === '<![CDATA[') return until(bytes, at + 9, ']]>')
  if (opening.startsWith('<?')) return until(bytes, at + 2, '?>')
  if (opening.startsWith('<!') && opening.length === 9)
    throw new MirrorError('E_XML', `unexpected ${JSON.stringify(opening)} between records`)
  const end = tagEnd(bytes, at + 1)
  if (end === undefined) return undefined
  if (bytes[at + 1] === 0x2f) return { kind: 'end', end }
  return { kind: bytes[end - 2] === 0x2f ? 'empty' : 'start', end }
}

function until(bytes: Buffer, from: number, stop: string): Markup | undefined {
  const at = bytes.indexOf(stop, from)
  return at === -1 ? undefined : { kind: 'other', end: at + stop.length }
}

/** The offset behind the tag's `>`; a `>` inside quotes does not end it. */
function tagEnd(bytes: Buffer, from: number): number | undefined {
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === 0x3e) return at + 1
    if (byte === 0x22 || byte === 0x27) {
      at = bytes.indexOf(byte, at + 1)
      if (at === -1) return undefined
    }
  }
  return undefined
}

type Node = Record<string, unknown> & { ':@'?: Record<string, string> }

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
  ignorePiTags: true,
  cdataPropName: '#cdata',
})

/** One record parsed and written again: standard prefixes, CDATA as text, no comments. */
function canonical(bytes: Buffer, kind: DocumentKind, head: DocumentHead): Buffer {
  const text = bytes.toString('utf8')
  const declared = Object.entries(head.prefixes).map(([p, uri]) => ` xmlns${p && ':'}${p}="${escapeAttribute(uri)}"`)
  const verdict = XMLValidator.validate(`<root${declared.join('')}>${text}</root>`)
  if (verdict !== true)
    throw new MirrorError(
      'E_XML',
      `a record is not well-formed: ${verdict.err.msg}, near ${JSON.stringify(text.slice(0, 60))}`,
    )
  const written = (parser.parse(text) as Node[]).map((node) => write(node, kind, head.prefixes)).join('')
  if (!written.startsWith('<package'))
    throw new MirrorError('E_XML', `expected <package>, found ${JSON.stringify(text.slice(0, 60))}`)
  return Buffer.from(written)
}

function write(node: Node, kind: DocumentKind, inherited: Readonly<Record<string, string>>): string {
  if (typeof node['#text'] === 'string') return escapeText(unescapeXml(node['#text']))
  if (node['#cdata'] !== undefined) return escapeText(cdataOf(node['#cdata'] as Node[]))
  const attributes = node[':@'] ?? {}
  const prefixes = { ...inherited, ...declarations(attributes) }
  const qualified = Object.keys(node).find((key) => key !== ':@') as string
  const name = standardName(qualified, prefixes, kind)
  if (name === undefined) return ''
  const written = Object.entries(attributes)
    .filter(([key]) => !key.startsWith('xmlns'))
    .map(([key, value]) => ` ${key}="${escapeAttribute(unescapeXml(value))}"`)
  const content = (node[qualified] as Node[]).map((child) => write(child, kind, prefixes)).join('')
  return content === '' ? `<${name}${written.join('')}/>` : `<${name}${written.join('')}>${content}</${name}>`
}

function cdataOf(nodes: Node[]): string {
  return nodes.map((node) => node['#text'] as string).join('')
}

function declarations(attributes: Record<string, string>): Record<string, string> {
  const found = Object.entries(attributes).filter(([key]) => key === 'xmlns' || key.startsWith('xmlns:'))
  return Object.fromEntries(found.map(([key, value]) => [key.slice(6), unescapeXml(value)]))
}

/** The name with the prefix that createrepo_c uses for its namespace; undefined for an element of another vocabulary. */
function standardName(qualified: string, prefixes: Record<string, string>, kind: DocumentKind): string | undefined {
  const colon = qualified.indexOf(':')
  const uri = prefixes[colon === -1 ? '' : qualified.slice(0, colon)]
  const standard = Object.entries(kind.namespaces).find(([, known]) => known === uri)?.[0]
  if (standard === undefined) return undefined
  return `${standard}${standard && ':'}${qualified.slice(colon + 1)}`
}
