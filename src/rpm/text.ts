import { isUtf8 } from 'node:buffer'

/** What is not a line of printable ASCII; a NUL only parts texts of one entry. */
const unusual = /[^\x20-\x7e\t\n\r\0]/
/** What XML 1.0 lets stand nowhere. */
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g

export type Decoded = { decoded: string; hadControlCharacters: boolean }

/** Whether bytes, given as a character each, are plain ASCII texts as they are. */
export function isPlain(bytes: string): boolean {
  return !unusual.test(bytes)
}

/**
 * The text that bytes stand for, given as a character each: UTF-8, and where they are not, Latin-1 without the bytes 0x80
 * to 0xbf, which are most often another code page's letters (createrepo_c, src/xml_dump.c 94-123). Characters that XML
 * cannot hold become U+FFFD.
 */
export function decodeText(bytes: string): Decoded {
  if (isPlain(bytes)) return { decoded: bytes, hadControlCharacters: false }
  const buffer = Buffer.from(bytes, 'latin1')
  const text = isUtf8(buffer) ? buffer.toString('utf8') : bytes.replaceAll(/[\u0080-\u00bf]/g, '')
  const decoded = text.replaceAll(forbidden, '\ufffd')
  return { decoded, hadControlCharacters: decoded !== text }
}
