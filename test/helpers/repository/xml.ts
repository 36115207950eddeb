/**
 * `plain` is createrepo_c's way. `prefixed` puts the main namespace of the lists of packages behind a prefix (not that
 * of repomd.xml, which librepo then refuses), `singleQuoted` quotes attributes so, `commented` has CDATA for text and
 * before each element's children a comment that looks like the element's end.
 */
export type Style = 'plain' | 'prefixed' | 'commented' | 'singleQuoted'

/** An element; without content it is closed at once, as in `<version .../>`. */
export interface Node {
  name: string
  attributes: Record<string, string | number | undefined>
  content: string | Node[] | undefined
}

type Attributes = Node['attributes']

export function node(name: string, attributes: Attributes, content?: string | Node[]): Node {
  return { name, attributes, content }
}

/** The whole document in the namespace of its kind; createrepo_c declares rpm's too where it may be used. */
export function documentXml(root: Node, kind: 'repo' | 'common' | 'filelists' | 'other', style: Style): Buffer {
  const main = { [style === 'prefixed' ? `xmlns:${prefix}` : 'xmlns']: `${namespaces}/${kind}` }
  const rpm = kind === 'repo' || kind === 'common' ? { 'xmlns:rpm': `${namespaces}/rpm` } : {}
  const declared = { ...root, attributes: { ...main, ...rpm, ...root.attributes } }
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${elementXml(declared, style, 0).trimEnd()}`)
}

const prefix = 'c'
const namespaces = 'http://linux.duke.edu/metadata'

function elementXml({ name, attributes, content }: Node, style: Style, depth: number): string {
  const tag = style === 'prefixed' && !name.includes(':') ? `${prefix}:${name}` : name
  const indent = '  '.repeat(depth)
  const start = `${indent}<${tag}${attributesXml(attributes, style)}`
  if (content === undefined) return `${start}/>\n`
  if (typeof content === 'string') return `${start}>${textXml(content, style)}</${tag}>\n`
  const comment = style === 'commented' ? `<!-- </${tag}> -->` : ''
  // The packages stand at the margin, as createrepo_c writes them.
  const inner = content.map((child) => elementXml(child, style, child.name === 'package' ? 0 : depth + 1))
  return `${start}>${comment}\n${inner.join('')}${indent}</${tag}>\n`
}

function attributesXml(attributes: Attributes, style: Style): string {
  const quote = style === 'singleQuoted' ? "'" : '"'
  const stated = Object.entries(attributes).filter(([, value]) => value !== undefined)
  return stated.map(([name, value]) => ` ${name}=${quote}${escapeAttribute(String(value))}${quote}`).join('')
}

function textXml(text: string, style: Style): string {
  return style === 'commented' && /[&<>]/.test(text) ? `<![CDATA[${text}]]>` : escapeText(text)
}

function escapeAttribute(text: string): string {
  return escapeText(text).replaceAll('"', '&quot;').replaceAll("'", '&apos;')
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
