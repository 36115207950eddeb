import { MirrorError } from '../errors.ts'

/** Text that stands between records belongs to none of them. @throws E_XML for anything but white space */
export function checkGap(bytes: Buffer, from: number, to: number): void {
  for (let at = from; at < to; at++) {
    if (isSpace(bytes[at] as number)) continue
    const text = bytes.toString('utf8', at, Math.min(to, at + 60))
    throw new MirrorError('E_XML', `text between the records: ${JSON.stringify(text)}`)
  }
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}

/** An end tag, with a prefix or without one, and comments and processing instructions behind it. */
const tail = /^<\/(?:[\w.-]+:)?([\w.-]+)\s*>(?:\s+|<!--[\s\S]*?-->|<\?[\s\S]*?\?>)*$/

/**
 * Whether the root's end tag and nothing but white space is left of a document.
 * @throws E_XML where it is not the root's end, or more than comments stands behind it
 */
export function isPlainTail(rest: Buffer, root: string): boolean {
  const text = rest.toString('utf8').trim()
  const end = `</${root}>`
  if (text === end) return true
  if (tail.exec(text.replace(/^(?:\s+|<!--[\s\S]*?-->|<\?[\s\S]*?\?>)*/, ''))?.[1] === root) return false
  const found = text === '' ? 'the end of the file' : JSON.stringify(text.slice(0, 60))
  throw new MirrorError('E_XML', `${end} expected, found ${found}: the document is cut off or broken`)
}
