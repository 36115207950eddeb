import { isUtf8 } from 'node:buffer'
import { MirrorError } from '../errors.ts'
import { readReference, unescapeXml } from './escape.ts'

/** How deep elements may nest inside a record, and how many attributes one may have. */
const maxDepth = 64
const maxAttributes = 64

/** Called for the record's own start tag (depth 0), those of its children (depth 1), and deeper where that was asked for. */
export type Visit = (tag: StartTag, depth: number) => void

/** A view of the start tag that the scanner stands on; valid during the call only. */
export type StartTag = {
  readonly bytes: Buffer
  /** Range of the tag's name in `bytes`. */
  nameStart: number
  nameEnd: number
  /** Where the tag ends, behind its `>`: where the element's text begins. */
  end: number
}

/**
 * Walks one element's bytes and checks that they are well-formed on their own: tags nest, attributes are quoted and
 * apart and occur once, references are the predefined ones, and the bytes are UTF-8 of characters that XML has. A byte
 * loop, because every byte that we publish passes through it.
 * @param deepest the depth of the last start tags that are visited
 * @throws E_XML with the offset in the record
 */
export function scanElement(bytes: Buffer, visit?: Visit, deepest = 1): void {
  if (!isUtf8(bytes)) throw malformed('bytes that are not UTF-8', bytes, 0)
  refuseNoncharacters(bytes)
  if (bytes[0] !== LESS) throw malformed('something other than an element', bytes, 0)
  const tag = { bytes, nameStart: 0, nameEnd: 0, end: 0 }
  const open = new Int32Array(2 * maxDepth)
  const length = bytes.length
  let depth = 0
  let at = 0
  for (;;) {
    while (at < length) {
      const byte = bytes[at] as number
      if (byte === LESS) break
      if (byte === AMPERSAND) at = skipReference(bytes, at)
      else if (byte < SPACE && byte !== TAB && byte !== NEWLINE && byte !== RETURN)
        throw malformed('a control character', bytes, at)
      else if (byte === GREATER && bytes[at - 1] === BRACKET && bytes[at - 2] === BRACKET)
        throw malformed('a "]]>"', bytes, at - 2)
      else at++
    }
    if (at >= length) throw malformed('an element that does not end', bytes, at)
    if (bytes[at + 1] === SLASH) {
      depth--
      const start = open[2 * depth] as number
      at = skipEndTag(bytes, at + 2, start, open[2 * depth + 1] as number)
    } else {
      tag.nameStart = at + 1
      at = skipStartTag(bytes, at, tag)
      if (depth <= deepest) visit?.(tag, depth)
      if (bytes[at - 2] !== SLASH) {
        if (depth === maxDepth) throw malformed(`elements nested deeper than ${maxDepth}`, bytes, at)
        open[2 * depth] = tag.nameStart
        open[2 * depth + 1] = tag.nameEnd
        depth++
      }
    }
    if (depth === 0) break
  }
  if (at !== length) throw malformed('bytes behind the end of the element', bytes, at)
}

const TAB = 0x09
const NEWLINE = 0x0a
const RETURN = 0x0d
const SPACE = 0x20
const QUOTE = 0x22
const AMPERSAND = 0x26
const APOSTROPHE = 0x27
const SLASH = 0x2f
const LESS = 0x3c
const EQUALS = 0x3d
const GREATER = 0x3e
const BRACKET = 0x5d

function isSpace(byte: number | undefined): boolean {
  return byte === SPACE || byte === NEWLINE || byte === TAB || byte === RETURN
}

/** U+FFFE and U+FFFF: UTF-8, but nothing that XML has. */
function refuseNoncharacters(bytes: Buffer): void {
  for (let at = bytes.indexOf(beforeNoncharacters); at !== -1; at = bytes.indexOf(beforeNoncharacters, at + 1))
    if ((bytes[at + 2] as number) >= 0xbe) throw malformed('a noncharacter', bytes, at)
}

const beforeNoncharacters = Buffer.from('efbf', 'hex')

/** Letters, `:` and `_`: what a name begins with. No metadata has names beyond ASCII. */
function beginsName(byte: number | undefined): boolean {
  if (byte === undefined) return false
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a) || byte === 0x3a || byte === 0x5f
}

/** What a name goes on with: digits, `-` and `.` too. */
function isName(byte: number | undefined): boolean {
  return beginsName(byte) || (byte !== undefined && byte >= 0x2d && byte <= 0x39 && byte !== SLASH)
}

/** The offset behind the name that begins here; this one where none does. */
function skipName(bytes: Buffer, from: number): number {
  if (!beginsName(bytes[from])) return from
  let at = from + 1
  while (isName(bytes[at])) at++
  return at
}

/** Where the names of the tag's attributes stand that is being read. */
const names = new Int32Array(2 * maxAttributes)

function skipStartTag(bytes: Buffer, from: number, tag: StartTag): number {
  let at = skipName(bytes, from + 1)
  if (at === from + 1) throw malformed('a "<" that begins no tag', bytes, from)
  tag.nameEnd = at
  for (let count = 0; ; count++) {
    const gap = at
    while (isSpace(bytes[at])) at++
    const byte = bytes[at]
    if (byte === GREATER) break
    if (byte === SLASH && bytes[at + 1] === GREATER) {
      at++
      break
    }
    if (at === gap) throw malformed('a tag that is not closed', bytes, from)
    if (count === maxAttributes) throw malformed(`more than ${maxAttributes} attributes`, bytes, from)
    names[2 * count] = at
    at = skipName(bytes, at)
    if (at === names[2 * count]) throw malformed('an attribute without a name', bytes, from)
    names[2 * count + 1] = at
    if (occursBefore(bytes, count)) throw malformed('an attribute that occurs twice', bytes, from)
    at = skipValue(bytes, at, from)
  }
  tag.end = at + 1
  return at + 1
}

/** Whether the last of the names that were read is among those before it. */
function occursBefore(bytes: Buffer, count: number): boolean {
  const start = names[2 * count] as number
  const length = (names[2 * count + 1] as number) - start
  for (let i = 0; i < count; i++) {
    const other = names[2 * i] as number
    if ((names[2 * i + 1] as number) - other !== length) continue
    let same = 0
    while (same < length && bytes[other + same] === bytes[start + same]) same++
    if (same === length) return true
  }
  return false
}

function skipValue(bytes: Buffer, nameEnd: number, from: number): number {
  let at = nameEnd
  while (isSpace(bytes[at])) at++
  if (bytes[at] !== EQUALS) throw malformed('an attribute without a value', bytes, from)
  at++
  while (isSpace(bytes[at])) at++
  const quote = bytes[at]
  if (quote !== QUOTE && quote !== APOSTROPHE) throw malformed('an attribute without quotes', bytes, from)
  at++
  for (;;) {
    const byte = bytes[at]
    if (byte === quote) return at + 1
    if (byte === undefined || byte === LESS) throw malformed('an attribute that does not end', bytes, from)
    if (byte < SPACE && !isSpace(byte)) throw malformed('a control character', bytes, at)
    at = byte === AMPERSAND ? skipReference(bytes, at) : at + 1
  }
}

function skipEndTag(bytes: Buffer, from: number, nameStart: number, nameEnd: number): number {
  const length = nameEnd - nameStart
  for (let i = 0; i < length; i++)
    if (bytes[from + i] !== bytes[nameStart + i])
      throw malformed(`</${bytes.toString('latin1', nameStart, nameEnd)}> expected`, bytes, from)
  let at = from + length
  while (isSpace(bytes[at])) at++
  if (bytes[at] !== GREATER) throw malformed(`</${bytes.toString('latin1', nameStart, nameEnd)}> expected`, bytes, from)
  return at + 1
}

function skipReference(bytes: Buffer, at: number): number {
  // The author of nearly every changelog entry has an address between these two.
  if (standsAt(bytes, at, '&lt;') || standsAt(bytes, at, '&gt;')) return at + 4
  const found = readReference(bytes.toString('latin1', at, at + 32))
  if (found === undefined) throw malformed('a reference to an unknown entity', bytes, at)
  return at + found.length
}

function malformed(what: string, bytes: Buffer, at: number): MirrorError {
  const from = Math.max(0, at - 20)
  const near = bytes.subarray(from, at + 40).toString('utf8')
  return new MirrorError('E_XML', `${what} at byte ${at} of a record, near ${JSON.stringify(near)}`)
}

/** Whether the tag's name is `name` (ASCII). */
export function isNamed(tag: StartTag, name: string): boolean {
  return tag.nameEnd - tag.nameStart === name.length && standsAt(tag.bytes, tag.nameStart, name)
}

function standsAt(bytes: Buffer, at: number, name: string): boolean {
  for (let i = 0; i < name.length; i++) if (bytes[at + i] !== name.charCodeAt(i)) return false
  return true
}

/** The text that follows the tag, up to the next tag; references replaced. An element that is closed at once has none. */
export function textAfter(tag: StartTag): string {
  if (tag.bytes[tag.end - 2] === SLASH) return ''
  const text = tag.bytes.toString('utf8', tag.end, tag.bytes.indexOf(LESS, tag.end))
  return unescapeXml(text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text)
}

/** The value of an attribute of the tag, references replaced; undefined where the tag has none of that name. */
export function attribute(tag: StartTag, name: string): string | undefined {
  const range = attributeRange(tag, name)
  if (range === undefined) return undefined
  const value = tag.bytes.toString('utf8', range.start, range.end)
  return unescapeXml(lineBreak.test(value) ? value.replaceAll(/\r\n|[\t\n\r]/g, ' ') : value)
}

/** What is a space where it stands in an attribute as it is (XML 1.0 section 3.3.3). */
const lineBreak = /[\t\n\r]/

/** Where an attribute's value stands between its quotes. */
export function attributeRange(tag: StartTag, name: string): { start: number; end: number } | undefined {
  const { bytes } = tag
  let at = tag.nameEnd
  for (;;) {
    while (isSpace(bytes[at])) at++
    const nameStart = at
    while (isName(bytes[at])) at++
    if (at === nameStart) return undefined
    const nameEnd = at
    while (bytes[at] !== QUOTE && bytes[at] !== APOSTROPHE) at++
    const quote = bytes[at]
    const start = at + 1
    let end = start
    while (bytes[end] !== quote) end++
    if (nameEnd - nameStart === name.length && standsAt(bytes, nameStart, name)) return { start, end }
    at = end + 1
  }
}
