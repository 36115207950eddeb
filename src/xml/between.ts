import { MirrorError } from '../errors.ts'
import type { DocumentHead } from './head.ts'

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

/** What may stand around the root's end tag, and the end tag. */
const space = /^[ \t\r\n]+|[ \t\r\n]+$/g
const misc = '(?:[ \\t\\r\\n]+|<!--[\\s\\S]*?-->|<\\?[\\s\\S]*?\\?>)*'
const tail = new RegExp(`^${misc}</([\\w.:-]+)[ \\t\\r\\n]*>${misc}$`)

/**
 * Whether the root's end tag and nothing but white space is left of a document.
 * @throws E_XML where it is not the root's end, or more than comments stands behind it
 */
export function isPlainTail(rest: Buffer, { name }: DocumentHead): boolean {
  const text = rest.toString('utf8').replace(space, '')
  const end = `</${name}>`
  if (text === end) return true
  if (tail.exec(text)?.[1] === name) return false
  const found = text === '' ? 'the end of the file' : JSON.stringify(text.slice(0, 60))
  throw new MirrorError('E_XML', `${end} expected, found ${found}: the document is cut off or broken`)
}
