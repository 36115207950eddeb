import type { OutgoingHttpHeaders } from 'node:http'
import { formatDate, precondition, rangeApplies } from './conditional.ts'
import type { Found } from './find.ts'
import { type FileBody, type HttpRequest, type HttpResponse, nosniff, type Slice, statusResponse } from './message.ts'
import { contentRange, multipart } from './multipart.ts'
import { parseRange } from './range.ts'
import { contentPolicy, contentType } from './types.ts'
import { cacheControl, type Validators, validators } from './validators.ts'

/**
 * The response to a GET or HEAD of a regular file: 200, 206, 304, 412 or 416.
 * Range is only defined for GET (RFC 9110 14.2); a HEAD says what the whole file would be.
 */
export function fileResponse(
  file: Found,
  segments: readonly string[],
  { method, headers }: Pick<HttpRequest, 'method' | 'headers'>,
): HttpResponse {
  const { known, caching, described } = description(file, segments)
  const outcome = precondition(headers, known)
  if (outcome === 412) return statusResponse(412)
  if (outcome === 304) return { status: 304, headers: caching }
  const size = Number(file.stats.size)
  const ranged = method === 'GET' && headers.range !== undefined && rangeApplies(headers, known)
  const slices = ranged ? parseRange(headers.range ?? '', size) : 'whole'
  if (slices === 'unsatisfiable') return statusResponse(416, { 'content-range': `bytes */${size}` })
  return slices === 'whole' ? whole(file, size, described) : partial(file, slices, size, described)
}

type Described = OutgoingHttpHeaders & { 'content-type': string }

/** What is said of a file, whatever the request. */
interface Description {
  known: Validators
  caching: OutgoingHttpHeaders
  described: Described
}

/** Of small files that are remembered (find.ts): they are so old that it stays the same. */
const descriptions = new WeakMap<Found, Description>()

function description(file: Found, segments: readonly string[]): Description {
  const made = descriptions.get(file) ?? describe(file, segments)
  if ('bytes' in file) descriptions.set(file, made)
  return made
}

function describe({ stats }: Found, segments: readonly string[]): Description {
  const known = validators(segments, stats, Date.now())
  const caching = cachingHeaders(segments, known)
  const type = contentType(segments.at(-1) ?? '')
  const described = { ...caching, ...nosniff, ...contentPolicy(type), 'accept-ranges': 'bytes', 'content-type': type }
  return { known, caching, described }
}

function whole(file: Found, size: number, described: Described): HttpResponse {
  const headers = { ...described, 'content-length': size }
  const body = 'bytes' in file ? file.bytes : { file, pieces: [{ start: 0, length: size }] }
  return { status: 200, headers, body }
}

function partial(file: Found, slices: readonly Slice[], size: number, described: Described): HttpResponse {
  const [slice, ...more] = slices
  if (slice !== undefined && more.length === 0) {
    const headers = { ...described, 'content-range': contentRange(slice, size), 'content-length': slice.length }
    return { status: 206, headers, body: bodyOf(file, [slice]) }
  }
  const { type, length, pieces } = multipart(slices, size, described['content-type'])
  const headers = { ...described, 'content-type': type, 'content-length': length }
  return { status: 206, headers, body: bodyOf(file, pieces) }
}

function bodyOf(file: Found, pieces: FileBody['pieces']): Buffer | FileBody {
  if (!('bytes' in file)) return { file, pieces }
  const cut = ({ start, length }: Slice): Buffer => file.bytes.subarray(start, start + length)
  return Buffer.concat(pieces.map((piece) => (Buffer.isBuffer(piece) ? piece : cut(piece))))
}

function cachingHeaders(segments: readonly string[], { etag, modified }: Validators): OutgoingHttpHeaders {
  const lastModified = modified === undefined ? undefined : { 'last-modified': formatDate(modified) }
  return { 'cache-control': cacheControl(segments), etag, ...lastModified }
}
