import { isUtf8 } from 'node:buffer'
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { MirrorError } from '../errors.ts'
import { forbiddenCharacter, unescapeXml } from './escape.ts'
import { withoutMarkup } from './markup.ts'

/** An element of a small document: text under `#text`, attributes under `@name`, children under their local names. */
export type XmlElement = { [name: string]: string | XmlElement | (string | XmlElement)[] }

const limits = { bytes: 16 * 1024 * 1024, depth: 64 }

/**
 * Parses a small XML document (repomd.xml, comps) whole, after the checks that the parser itself does not make.
 * @param root the local name that the document's element must have
 * @param lists the names of elements that are read as lists, however often they occur
 * @throws E_XML with line and column; E_LIMIT for a document over 16 MiB
 */
export function parseXml(bytes: Uint8Array, root: string, lists: ReadonlySet<string>): XmlElement {
  const text = decodeXml(bytes)
  refuseDoctype(text)
  const verdict = XMLValidator.validate(text)
  if (verdict !== true) {
    const { msg, line, col } = verdict.err
    throw new MirrorError('E_XML', `not well-formed at ${line}:${col ?? 1}: ${msg}`)
  }
  // The parser would look for references in CDATA sections, too.
  const body = withoutMarkup(text)
  if (!/>[ \t\r\n]*$/.test(body)) throw new MirrorError('E_XML', `text behind <${root}>`)
  const document = parsed(body, lists)
  const element = document[root]
  if (Array.isArray(element)) throw new MirrorError('E_XML', `more than one <${root}>`)
  const other = Object.keys(document).find((name) => name !== root && !/^[?#]/.test(name))
  if (element === undefined || other !== undefined)
    throw new MirrorError('E_XML', `expected <${root}>, found ${other === undefined ? 'no element' : `<${other}>`}`)
  return typeof element === 'string' ? { '#text': element } : element
}

function parsed(text: string, lists: ReadonlySet<string>): XmlElement {
  try {
    return parser(lists).parse(text) as XmlElement
  } catch (cause) {
    throw cause instanceof MirrorError ? cause : new MirrorError('E_XML', (cause as Error).message, { cause })
  }
}

function decodeXml(bytes: Uint8Array): string {
  if (bytes.length > limits.bytes)
    throw new MirrorError('E_LIMIT', `an XML document of ${bytes.length} bytes; at most ${limits.bytes} are read`)
  if (!isUtf8(bytes)) throw new MirrorError('E_XML', 'not UTF-8')
  const text = new TextDecoder().decode(bytes)
  const found = forbiddenCharacter.exec(text)?.[0]
  if (found !== undefined) throw new MirrorError('E_XML', `the character ${JSON.stringify(found)}, which XML forbids`)
  return text
}

/** Entity declarations are how small documents become large; nothing here needs an internal subset. */
function refuseDoctype(text: string): void {
  const doctype = /<!DOCTYPE[^>[]*(\[)?/i.exec(text)
  if (doctype?.[1] !== undefined) throw new MirrorError('E_XML', 'a DOCTYPE with an internal subset is refused')
}

function parser(lists: ReadonlySet<string>): XMLParser {
  return new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    removeNSPrefix: true,
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: false,
    processEntities: false,
    maxNestedTags: limits.depth,
    isArray: (name, _path, _leaf, isAttribute) => !isAttribute && lists.has(name),
    tagValueProcessor: (_name, value) => unescapeXml(value),
    attributeValueProcessor: (_name, value) => unescapeXml(value),
  })
}

/** The element's text without surrounding white space, or undefined where there is none. */
export function textOf(element: XmlElement[string] | undefined): string | undefined {
  if (element === undefined || Array.isArray(element)) return undefined
  const text = typeof element === 'string' ? element : element['#text']
  return typeof text === 'string' && text.trim() !== '' ? text.trim() : undefined
}

/** The element's attribute, or undefined. */
export function attributeOf(element: XmlElement[string] | undefined, name: string): string | undefined {
  if (element === undefined || typeof element === 'string' || Array.isArray(element)) return undefined
  const value = element[`@${name}`]
  return typeof value === 'string' ? value : undefined
}

/** The element's children of a name that is read as a list. */
export function childrenOf(element: XmlElement, name: string): (string | XmlElement)[] {
  const children = element[name]
  return Array.isArray(children) ? children : []
}
