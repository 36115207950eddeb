import { MirrorError } from '../errors.ts'
import { checkGap, isPlainTail } from './between.ts'
import { canonical } from './canonical.ts'
import { withMore } from './chunks.ts'
import type { DocumentHead, DocumentKind } from './head.ts'

/** Batches of records; returns whether the whole document was in createrepo_c's form, so that its bytes can be taken. */
export type RecordBatches = AsyncGenerator<Buffer[], boolean, undefined>

const limits = { tail: 64 * 1024, depth: 64 }

/**
 * The slow way through a metadata document: for prefixes, comments, CDATA and processing instructions, wherever they
 * stand. Each record is parsed and written again in createrepo_c's form.
 */
export async function* generalRecords(
  first: Buffer,
  chunks: AsyncIterator<Buffer>,
  kind: DocumentKind,
  head: DocumentHead,
): RecordBatches {
  let rest = first
  for (;;) {
    const records: Buffer[] = []
    let from = 0
    for (;;) {
      const token = nextElement(rest, from)
      if (token === undefined) break
      if (token.closesRoot) {
        if (records.length > 0) yield records
        isPlainTail(await readTail(rest.subarray(token.start), chunks), head)
        return false
      }
      records.push(canonical(rest.subarray(token.start, token.end), kind, head))
      from = token.end
    }
    if (records.length > 0) yield records
    rest = rest.subarray(from)
    const more = await withMore(rest, chunks)
    if (more === undefined) throw new MirrorError('E_XML', `</${head.name}> expected, found the end of the file`)
    rest = more
  }
}

/** All that is left of a document; reading to its end is also what compares it with its stated open-checksum. */
async function readTail(first: Buffer, chunks: AsyncIterator<Buffer>): Promise<Buffer> {
  let rest = first
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
    rest = Buffer.concat([rest, next.value])
    if (rest.length > limits.tail) throw new MirrorError('E_LIMIT', `more than ${limits.tail} bytes behind the records`)
  }
  return rest
}

type ElementRange = { start: number; end: number; closesRoot: boolean }

/** The next whole child element of the root, or undefined while it is not complete. */
function nextElement(bytes: Buffer, from: number): ElementRange | undefined {
  let depth = 0
  let start = from
  let gap = from
  for (let at = bytes.indexOf('<', from); at !== -1; at = bytes.indexOf('<', at)) {
    const markup = skipMarkup(bytes, at)
    if (markup === undefined) return undefined
    if (depth === 0) checkGap(bytes, gap, at)
    gap = markup.end
    if (markup.kind === 'end' && depth === 0) return { start: at, end: markup.end, closesRoot: true }
    if (markup.kind === 'start' && depth === 0) start = at
    if (markup.kind === 'start' || markup.kind === 'empty') depth++
    if (markup.kind === 'empty') {
      if (depth === 1) start = at
      depth--
    }
    if (markup.kind === 'end') depth--
    at = markup.end
    if (depth === 0 && markup.kind !== 'other') return { start, end: at, closesRoot: false }
    if (depth > limits.depth) throw new MirrorError('E_XML', `elements nested deeper than ${limits.depth}`)
  }
  return undefined
}

type Markup = { kind: 'start' | 'end' | 'empty' | 'other'; end: number }

function skipMarkup(bytes: Buffer, at: number): Markup | undefined {
  const opening = bytes.toString('latin1', at, at + 9)
  if (opening.startsWith('<!--')) return until(bytes, at + 4, '-->')
  if (opening === '<![CDATA[') return until(bytes, at + 9, ']]>')
  if (opening.startsWith('<?')) return until(bytes, at + 2, '?>')
  if (opening.startsWith('<!') && opening.length < 9) return undefined
  if (opening.startsWith('<!')) throw new MirrorError('E_XML', `unexpected ${JSON.stringify(opening)} between records`)
  const end = tagEnd(bytes, at + 1)
  if (end === undefined) return undefined
  if (bytes[at + 1] === 0x2f) return { kind: 'end', end }
  return { kind: bytes[end - 2] === 0x2f ? 'empty' : 'start', end }
}

function until(bytes: Buffer, from: number, stop: string): Markup | undefined {
  const at = bytes.indexOf(stop, from)
  return at === -1 ? undefined : { kind: 'other', end: at + stop.length }
}

/** The offset behind the tag's `>`; a `>` inside quotes does not end it. */
function tagEnd(bytes: Buffer, from: number): number | undefined {
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === 0x3e) return at + 1
    if (byte === 0x22 || byte === 0x27) {
      at = bytes.indexOf(byte, at + 1)
      if (at === -1) return undefined
    }
  }
  return undefined
}
