/**
 * An element; names keep their prefix, which is how dnf reads them: in a document whose elements are prefixed, dnf 4
 * finds no package.
 */
export interface Element {
  name: string
  attributes: Record<string, string>
  children: Element[]
  text: string
}

/**
 * Reads a whole document and hands over each child of the root as it ends, so that a long list is never held as a
 * tree. Returns the root without children. Throws where the text is not well-formed; a DOCTYPE is not accepted.
 */
export function parseXml(document: Buffer, onRecord: (record: Element) => void): Element {
  const open: Element[] = []
  let root: Element | undefined
  for (const token of tokens(new TextDecoder('utf-8', { fatal: true }).decode(document))) {
    const parent = open.at(-1)
    if (token.kind === 'start') {
      if (!parent && root) throw new Error('a second root element')
      root ??= token.element
      open.push(token.element)
    } else if (token.kind === 'end') {
      if (parent?.name !== token.name) throw new Error(`${parent?.name ?? 'nothing'} ends as ${token.name}`)
      open.pop()
      if (open.length === 1) onRecord(parent)
      else open.at(-1)?.children.push(parent)
    } else if (parent) parent.text += token.text
    else if (token.text.trim() !== '') throw new Error('text outside the root element')
  }
  if (root === undefined) throw new Error('the document is empty')
  if (open.length > 0) throw new Error(`the document ends within ${open.at(-1)?.name}`)
  return root
}

type Token = { kind: 'text'; text: string } | { kind: 'start'; element: Element } | { kind: 'end'; name: string }

const markup =
  /<!--.*?-->|<\?.*?\?>|<!\[CDATA\[(?<cdata>.*?)\]\]>|<\/(?<end>[^\s<>]+)\s*>|<(?<start>[^\s<>/!?]+)(?<attributes>(?:\s+[^\s<>=]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(?<empty>\/?)>|(?<text>[^<]+)/sy

function* tokens(text: string): Generator<Token> {
  markup.lastIndex = 0
  for (let at = 0; at < text.length; at = markup.lastIndex) {
    markup.lastIndex = at
    const groups = markup.exec(text)?.groups
    if (groups === undefined) throw new Error(`not well-formed at ${JSON.stringify(text.slice(at, at + 40))}`)
    yield* tokensOf(groups)
  }
}

function* tokensOf({
  start,
  attributes,
  empty,
  end,
  cdata,
  text,
}: Record<string, string | undefined>): Generator<Token> {
  if (start !== undefined) yield { kind: 'start', element: elementOf(start, attributes ?? '') }
  if (start !== undefined && empty === '/') yield { kind: 'end', name: start }
  if (end !== undefined) yield { kind: 'end', name: end }
  if (cdata !== undefined) yield { kind: 'text', text: cdata }
  if (text !== undefined) yield { kind: 'text', text: resolveEntities(text) }
}

function elementOf(name: string, attributes: string): Element {
  const pairs = attributes.matchAll(/([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)
  const entries = Array.from(pairs, ([, key = '', double, single]) => [key, resolveEntities(double ?? single ?? '')])
  return { name, attributes: Object.fromEntries(entries), children: [], text: '' }
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function resolveEntities(text: string): string {
  if (!text.includes('&')) return text
  return text.replaceAll(/&([^;&]*);?/g, (reference, name: string) => {
    const [, hex, decimal] = /^#(?:x([0-9a-fA-F]+)|([0-9]+))$/.exec(name) ?? []
    const code = hex === undefined ? Number(decimal ?? Number.NaN) : Number.parseInt(hex, 16)
    const character = Number.isNaN(code) ? entities[name] : String.fromCodePoint(code)
    if (character === undefined || !reference.endsWith(';')) throw new Error(`unknown entity ${reference}`)
    return character
  })
}
