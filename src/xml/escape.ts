import { MirrorError } from '../errors.ts'

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/**
 * Text with its references replaced: the five predefined entities and characters by their number.
 * @throws E_XML for any other
 */
export function unescapeXml(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&[^&;]*;?/g, (found) => {
    if (found === '&lt;') return '<'
    if (found === '&gt;') return '>'
    const reference = readReference(found)
    if (reference === undefined)
      throw new MirrorError('E_XML', `a reference to an unknown entity: ${found.slice(0, 40)}`)
    return reference.text + found.slice(reference.length)
  })
}

const reference = /^&(?:(amp|lt|gt|quot|apos)|#x([0-9a-fA-F]+)|#([0-9]+));/

/** The reference that the text begins with: how long it is and what it stands for; undefined for no valid one. */
export function readReference(text: string): { length: number; text: string } | undefined {
  const [whole, name, hex, decimal] = reference.exec(text) ?? []
  if (whole === undefined) return undefined
  if (name !== undefined) return { length: whole.length, text: entities[name] as string }
  const point = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
  return isCharacter(point) ? { length: whole.length, text: String.fromCodePoint(point) } : undefined
}

/** Whether XML 1.0 lets a character stand in a document, written out or as a reference (production 2, Char). */
function isCharacter(point: number): boolean {
  if (point < 0x20) return point === 0x09 || point === 0x0a || point === 0x0d
  return point < 0xd800 || (point > 0xdfff && point < 0xfffe) || (point > 0xffff && point <= 0x10ffff)
}

/** What XML 1.0 lets stand nowhere; lone surrogates are not UTF-8 and are found elsewhere. */
export const forbiddenCharacter = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/

/** Text as element content: `&`, `<`, `>` and carriage returns escaped, as createrepo_c (libxml2) writes it. */
export function escapeText(text: string): string {
  // Most texts need nothing; a function called for each match costs more than to look for four strings.
  if (!/[&<>\r]/.test(text)) return text
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\r', '&#13;')
}

/** Text as a double-quoted attribute value. */
export function escapeAttribute(text: string): string {
  if (!/[&<>"\t\n\r]/.test(text)) return text
  return escapeText(text).replaceAll('"', '&quot;').replaceAll('\t', '&#9;').replaceAll('\n', '&#10;')
}
