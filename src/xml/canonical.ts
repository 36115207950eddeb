import { isUtf8 } from 'node:buffer'
import { XMLParser } from 'fast-xml-parser'
import { MirrorError } from '../errors.ts'
import { escapeAttribute, escapeText, forbiddenCharacter, unescapeXml } from './escape.ts'
import type { DocumentHead, DocumentKind } from './head.ts'
import { withoutMarkup } from './markup.ts'
import { scanElement } from './scan.ts'

type Prefixes = DocumentHead['prefixes']
type Node = Record<string, unknown> & { ':@'?: Record<string, string> }

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
})

/**
 * One record parsed and written again in createrepo_c's form: standard prefixes, CDATA as text, neither comments nor
 * anything of another vocabulary.
 * @throws E_XML for what is not well-formed and for any element but `<package>`
 */
export function canonical(record: Buffer, kind: DocumentKind, { prefixes }: DocumentHead): Buffer {
  const text = withoutMarkup(decoded(record))
  scanElement(Buffer.from(text))
  const written = parsed(text).map((node) => write(node, kind, prefixes))
  if (!/^<package[\s/>]/.test(written[0] ?? ''))
    throw new MirrorError('E_XML', `expected <package>, found ${JSON.stringify(text.slice(0, 60))}`)
  return Buffer.from(written.join(''))
}

/** The text with its line ends as XML's readers see them. */
function decoded(record: Buffer): string {
  if (!isUtf8(record)) throw new MirrorError('E_XML', 'a record with bytes that are not UTF-8')
  const text = record.toString('utf8')
  const found = forbiddenCharacter.exec(text)?.[0]
  if (found !== undefined)
    throw new MirrorError('E_XML', `a record with the character ${JSON.stringify(found)}, which XML forbids`)
  return text.replace(/\r\n?/g, '\n')
}

function parsed(text: string): Node[] {
  try {
    return parser.parse(text) as Node[]
  } catch (cause) {
    throw new MirrorError('E_XML', `a record that is not read: ${(cause as Error).message}`, { cause })
  }
}

function write(node: Node, kind: DocumentKind, inherited: Prefixes): string {
  if (typeof node['#text'] === 'string') return escapeText(unescapeXml(node['#text']))
  const attributes = Object.entries(node[':@'] ?? {})
  const prefixes = { ...inherited, ...declarations(attributes) }
  const qualified = Object.keys(node).find((key) => key !== ':@') as string
  const name = standardName(qualified, prefixes, kind)
  if (name === undefined) return ''
  const tag = `${name}${attributes.filter(isOwn).map(writeAttribute).join('')}`
  const content = (node[qualified] as Node[]).map((child) => write(child, kind, prefixes)).join('')
  return content === '' ? `<${tag}/>` : `<${tag}>${content}</${name}>`
}

type Attribute = [name: string, value: string]

/** Attributes of the vocabulary have no prefix, but for XML's own. */
function isOwn([name]: Attribute): boolean {
  return name !== 'xmlns' && (!name.includes(':') || name.startsWith('xml:'))
}

/** A line break or tab that is not written as a reference is a space in an attribute (XML 1.0 section 3.3.3). */
function writeAttribute([name, value]: Attribute): string {
  return ` ${name}="${escapeAttribute(unescapeXml(value.replace(/[\t\n]/g, ' ')))}"`
}

function declarations(attributes: Attribute[]): Prefixes {
  const found = attributes.filter(([name]) => name === 'xmlns' || name.startsWith('xmlns:'))
  return Object.fromEntries(found.map(([name, value]) => [name.slice(6), unescapeXml(value)]))
}

/** The name with the prefix that createrepo_c uses for its namespace; undefined for an element of another vocabulary. */
function standardName(qualified: string, prefixes: Prefixes, kind: DocumentKind): string | undefined {
  const colon = qualified.indexOf(':')
  const uri = prefixes[colon === -1 ? '' : qualified.slice(0, colon)]
  const standard = Object.entries(kind.namespaces).find(([, known]) => known === uri)?.[0]
  if (standard === undefined) return undefined
  return `${standard}${standard && ':'}${qualified.slice(colon + 1)}`
}
