import type { Content } from './content.ts'
import { contentRange, parseRange, type Range } from './ranges.ts'
import type { Request } from './request.ts'

/** A reply before it is framed: Content-Length or chunks are the wire's matter. */
export interface Reply {
  status: number
  headers: Record<string, string>
  body: Buffer
}

/** The reply of a well-behaved server to GET and HEAD. */
export function rightReply(request: Request, content: Content | undefined): Reply {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { status: 405, headers: { Allow: 'GET, HEAD' }, body: Buffer.from('method not allowed\n') }
  }
  if (content === undefined) return { status: 404, headers: {}, body: Buffer.from('not found\n') }
  if (isUnchanged(request, content)) return { status: 304, headers: validators(content), body: Buffer.alloc(0) }
  return partOrWhole(request, content)
}

function partOrWhole(request: Request, content: Content): Reply {
  const range = wantedRange(request, content)
  if (range === undefined) return wholeReply(content)
  return range === 'unsatisfiable' ? unsatisfiableReply(content) : partReply(content, range)
}

/** 200 with everything. */
export function wholeReply(content: Content): Reply {
  return { status: 200, headers: described(content), body: content.body }
}

/** 206 with the bytes of the range. */
export function partReply(content: Content, range: Range): Reply {
  const headers = { ...described(content), 'Content-Range': contentRange(range, content.body.length) }
  return { status: 206, headers, body: content.body.subarray(range.start, range.end + 1) }
}

/** 416, which tells the total size. */
export function unsatisfiableReply({ body }: Content): Reply {
  return { status: 416, headers: { 'Content-Range': `bytes */${body.length}` }, body: Buffer.alloc(0) }
}

/** What the request's Range asks of this content; undefined where If-Range names another version. */
export function wantedRange({ method, headers }: Request, content: Content): Range | 'unsatisfiable' | undefined {
  const { range, 'if-range': condition } = headers
  if (method !== 'GET' || range === undefined) return undefined
  if (condition !== undefined && condition !== content.etag && condition !== content.lastModified) return undefined
  return parseRange(range, content.body.length)
}

function isUnchanged({ headers }: Request, { etag, lastModified }: Content): boolean {
  const { 'if-none-match': tags, 'if-modified-since': since } = headers
  if (tags !== undefined) return tags.split(',').some((tag) => ['*', etag, `W/${etag}`].includes(tag.trim()))
  return since !== undefined && Date.parse(lastModified) <= Date.parse(since)
}

function validators({ etag, lastModified }: Content): Record<string, string> {
  return { ETag: etag, 'Last-Modified': lastModified }
}

function described(content: Content): Record<string, string> {
  const encoding = content.contentEncoding === undefined ? {} : { 'Content-Encoding': content.contentEncoding }
  return { 'Content-Type': content.contentType, 'Accept-Ranges': 'bytes', ...validators(content), ...encoding }
}
