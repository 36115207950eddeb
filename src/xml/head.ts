import { MirrorError } from '../errors.ts'
import { unescapeXml } from './escape.ts'
import { scanElement } from './scan.ts'

/** What distinguishes primary, filelists and other at their first element. */
export type DocumentKind = {
  readonly root: string
  /** The namespaces that the document's own records use, by the prefix that createrepo_c gives them ('' = default). */
  readonly namespaces: Readonly<Record<string, string>>
}

export type DocumentHead = {
  /** Whether records are written in createrepo_c's form, so that their bytes can be taken as they are. */
  readonly plain: boolean
  /** The root's name as it is written, with its prefix. */
  readonly name: string
  /** The document's prefixes and their namespaces. */
  readonly prefixes: Readonly<Record<string, string>>
  /** What `packages="N"` says; undefined where it is missing or no number. */
  readonly packages: number | undefined
  /** Offset of the first byte behind the root's start tag. */
  readonly end: number
}

const emptyEnd = Buffer.from('/>')
/** U+FEFF in UTF-8, read as latin-1. */
const bom = '\u00ef\u00bb\u00bf'
const prologPart = /\s+|<\?[^>]*\?>|<!--[\s\S]*?-->|<!DOCTYPE[^>]*>/y
const rootTag = /<(?:([\w.-]+):)?([\w.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y

/**
 * Reads what stands before the first record. Returns undefined while the root's start tag is not complete.
 * @throws E_XML for a DOCTYPE, an encoding other than UTF-8, or another root element
 */
export function parseHead(bytes: Buffer, kind: DocumentKind): DocumentHead | undefined {
  const text = bytes.toString('latin1', 0, Math.min(bytes.length, 65536))
  if (bytes[0] === 0xff || bytes[0] === 0xfe) throw new MirrorError('E_XML', 'UTF-16 is not supported; UTF-8 expected')
  if (bom.startsWith(text)) return undefined
  const { at, plain } = skipProlog(text)
  rootTag.lastIndex = at
  const match = rootTag.exec(text)
  if (match === null) return refuseOther(text.slice(at), kind)
  const [whole, prefix = '', name, attributes = '', empty] = match
  if (name !== kind.root) throw new MirrorError('E_XML', `expected <${kind.root}>, found <${name}>`)
  scanElement(Buffer.concat([bytes.subarray(at, at + whole.length - (empty === '' ? 1 : 2)), emptyEnd]))
  const { prefixes, packages } = readAttributes(attributes)
  if (prefixes[prefix] !== kind.namespaces[''])
    throw new MirrorError('E_XML', `<${kind.root}> is not of the namespace ${kind.namespaces['']}`)
  const standard = prefix === '' && empty === '' && sameNamespaces(prefixes, kind.namespaces)
  const written = prefix === '' ? name : `${prefix}:${name}`
  return { plain: plain && standard, name: written, prefixes, packages, end: at + whole.length }
}

/** The XML declaration; only as the first thing of a document is it one. */
const declaration =
  /^<\?xml version=(["'])1\.0\1(?: encoding=(["'])utf-8\2)?(?: standalone=(["'])(?:yes|no)\3)?\s*\?>$/i

function skipProlog(text: string): { at: number; plain: boolean } {
  const first = text.startsWith(bom) ? bom.length : 0
  let at = first
  let plain = true
  for (;;) {
    prologPart.lastIndex = at
    const part = prologPart.exec(text)?.[0]
    if (part === undefined) return { at, plain }
    if (part.startsWith('<!DOCTYPE')) throw new MirrorError('E_XML', 'a DOCTYPE is refused in repository metadata')
    if (part.startsWith('<?xml') && !part.startsWith('<?xml-') && at !== first)
      throw new MirrorError('E_XML', 'an XML declaration that does not begin the document')
    const encoding = /^<\?xml[^>]*encoding\s*=\s*["']([^"']+)/.exec(part)?.[1]
    if (encoding !== undefined && !/^utf-?8$/i.test(encoding))
      throw new MirrorError('E_XML', `encoding ${encoding} is not supported; UTF-8 expected`)
    if (!/^\s/.test(part) && !(at === first && declaration.test(part))) plain = false
    at += part.length
  }
}

/** A document that cannot become the expected one is refused now; an incomplete one asks for more bytes. */
function refuseOther(rest: string, kind: DocumentKind): undefined {
  const name = /^<!DOCTYPE|^<([\w:.-]+)[\s>]/i.exec(rest)
  if (name !== null && name[1] === undefined)
    throw new MirrorError('E_XML', 'a DOCTYPE is refused in repository metadata')
  const local = name?.[1]?.split(':').at(-1)
  if (local !== undefined && local !== kind.root)
    throw new MirrorError('E_XML', `expected <${kind.root}>, found <${local}>`)
  if (rest.length > 0 && !rest.startsWith('<'))
    throw new MirrorError('E_XML', `expected <${kind.root}>, found ${JSON.stringify(rest.slice(0, 60))}`)
  return undefined
}

function readAttributes(text: string): { prefixes: Record<string, string>; packages: number | undefined } {
  const prefixes: Record<string, string> = {}
  let packages: number | undefined
  for (const [, name = '', , double, single] of text.matchAll(/([\w:.-]+)\s*=\s*("([^"]*)"|'([^']*)')/g)) {
    const value = unescapeXml(double ?? single ?? '')
    if (name === 'xmlns') prefixes[''] = value
    else if (name.startsWith('xmlns:')) prefixes[name.slice(6)] = value
    else if (name === 'packages' && /^\d{1,9}$/.test(value)) packages = Number(value)
  }
  return { prefixes, packages }
}

function sameNamespaces(found: Record<string, string>, standard: Readonly<Record<string, string>>): boolean {
  return Object.entries(found).every(([prefix, uri]) => standard[prefix] === uri)
}
