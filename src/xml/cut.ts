import { MirrorError } from '../errors.ts'
import { checkGap, isPlainTail } from './between.ts'
import { withMore } from './chunks.ts'
import { generalRecords, type RecordBatches } from './general.ts'
import { type DocumentHead, type DocumentKind, parseHead } from './head.ts'

/** What stands before the first record may not be larger, in bytes. */
const maxHead = 64 * 1024

const end = Buffer.from('</package')
const LESS = 0x3c
const GREATER = 0x3e
const SMALL_R = 0x72

/** A metadata document, opened: its head is read, its records come in batches. */
export type RecordStream = {
  readonly head: DocumentHead
  /** The bytes of each `<package>` element, one batch for each chunk that came in; views valid until the next batch. */
  readonly batches: RecordBatches
}

/**
 * Cuts a metadata document into its `<package>` elements without parsing them.
 *
 * The head decides whether records may be cut by searching for `</package>` (createrepo_c's form: default namespace,
 * no DOCTYPE). Wherever markup appears that could hide an end tag (a comment, CDATA, a processing instruction) or a
 * record begins with another tag, the rest of the document goes the slow and general way.
 * @throws E_XML when the document does not end as it must, E_LIMIT for a head or record over its limit
 */
export async function openRecords(document: AsyncIterable<Buffer>, kind: DocumentKind): Promise<RecordStream> {
  const chunks = document[Symbol.asyncIterator]()
  try {
    const { head, rest } = await readHead(chunks, kind)
    const cut = head.plain ? plainRecords : generalRecords
    return { head, batches: closing(chunks, cut(rest, chunks, kind, head)) }
  } catch (error) {
    await chunks.return?.()
    throw error
  }
}

/** Closes the document when its records were read, or as many as somebody wanted. */
async function* closing(chunks: AsyncIterator<Buffer>, batches: RecordBatches): RecordBatches {
  try {
    return yield* batches
  } finally {
    await chunks.return?.()
  }
}

async function* plainRecords(
  first: Buffer,
  chunks: AsyncIterator<Buffer>,
  kind: DocumentKind,
  head: DocumentHead,
): RecordBatches {
  let rest = first
  for (;;) {
    const batch = cutBatch(rest)
    rest = batch.rest
    if (batch.records.length > 0) yield batch.records
    if (batch.suspicious) return yield* generalRecords(rest, chunks, kind, head)
    const more = await withMore(rest, chunks)
    if (more === undefined) break
    rest = more
  }
  return isPlainTail(rest, head)
}

type Batch = { records: Buffer[]; rest: Buffer; suspicious: boolean }

function cutBatch(bytes: Buffer): Batch {
  const records: Buffer[] = []
  const limit = firstMarkup(bytes)
  let from = 0
  for (;;) {
    const start = bytes.indexOf(LESS, from)
    if (start === -1 || !isPackage(bytes, start)) {
      const suspicious = start !== -1 && bytes.length - start > 10 && bytes[start + 1] !== 0x2f
      return { records, rest: bytes.subarray(from), suspicious }
    }
    checkGap(bytes, from, start)
    const stop = endOfPackage(bytes, start)
    if (stop === -1 || stop > limit) return { records, rest: bytes.subarray(from), suspicious: limit < bytes.length }
    const behind = bytes[stop]
    if (behind !== GREATER) return { records, rest: bytes.subarray(from), suspicious: behind !== undefined }
    from = stop + 1
    records.push(bytes.subarray(start, from))
  }
}

/** Behind the name of the end tag; `</packager>` is another. */
function endOfPackage(bytes: Buffer, start: number): number {
  let at = bytes.indexOf(end, start)
  while (at !== -1 && bytes[at + end.length] === SMALL_R) at = bytes.indexOf(end, at + end.length)
  return at === -1 ? -1 : at + end.length
}

/** The offset of the first `<!` or `<?`; searched by their second byte, which is rare where `<` is not. */
function firstMarkup(bytes: Buffer): number {
  return Math.min(firstOf(bytes, exclamation), firstOf(bytes, question))
}

const exclamation = Buffer.from('<!')
const question = Buffer.from('<?')

function firstOf(bytes: Buffer, markup: Buffer): number {
  const second = markup[1] as number
  let at = bytes.indexOf(second)
  for (let patience = bytes.length >> 6; at !== -1 && patience > 0; patience--) {
    if (at > 0 && bytes[at - 1] === LESS) return at - 1
    at = bytes.indexOf(second, at + 1)
  }
  // A text of nothing but exclamation marks would otherwise take a call for each of them.
  const found = at === -1 ? -1 : bytes.indexOf(markup, Math.max(0, at - 1))
  return found === -1 ? bytes.length : found
}

function isPackage(bytes: Buffer, at: number): boolean {
  if (bytes.length - at < 9) return false
  const next = bytes[at + 8] as number
  return bytes.toString('latin1', at, at + 8) === '<package' && (next <= 0x20 || next === 0x3e)
}

async function readHead(
  chunks: AsyncIterator<Buffer>,
  kind: DocumentKind,
): Promise<{ head: DocumentHead; rest: Buffer }> {
  let bytes: Buffer = Buffer.alloc(0)
  for (;;) {
    const parsed = parseHead(bytes, kind)
    if (parsed !== undefined) return { head: parsed, rest: bytes.subarray(parsed.end) }
    if (bytes.length > maxHead)
      throw new MirrorError('E_LIMIT', `the head of the document is larger than ${maxHead} bytes`)
    const next = await chunks.next()
    if (next.done === true)
      throw new MirrorError('E_XML', `no <${kind.root}> element: the document is empty or cut off`)
    bytes = Buffer.concat([bytes, next.value])
  }
}
