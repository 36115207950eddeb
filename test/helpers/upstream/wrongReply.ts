import { damaged } from './bodies.ts'
import type { Content } from './content.ts'
import { contentRange } from './ranges.ts'
import { partReply, type Reply, rightReply, unsatisfiableReply, wantedRange, wholeReply } from './reply.ts'
import type { Request } from './request.ts'
import type { Fault, RangeAnswer } from './rules.ts'

/** The reply as the faults make it: the right one where none of them is about the reply. */
export function faultyReply(request: Request, content: Content | undefined, faults: Fault[]): Reply {
  let reply = rightReply(request, content)
  for (const fault of faults) reply = applyFault(fault, reply, request, content)
  return reply
}

function applyFault(fault: Fault, reply: Reply, request: Request, content: Content | undefined): Reply {
  switch (fault.kind) {
    case 'status':
      return { status: fault.status, headers: fault.headers ?? {}, body: Buffer.from(fault.body ?? '') }
    case 'headers':
      return { ...reply, headers: withHeaders(reply.headers, fault.set) }
    case 'redirect':
      return { status: fault.status ?? 302, headers: locationHeader(fault, request), body: Buffer.alloc(0) }
    case 'notModified':
      return { ...reply, status: 304, body: Buffer.alloc(0) }
    case 'range':
      return content === undefined ? reply : wrongRange(fault.answer, request, content)
    default:
      return reply
  }
}

function withHeaders(headers: Record<string, string>, set: Record<string, string | null>): Record<string, string> {
  const replaced = new Set(Object.keys(set).map((name) => name.toLowerCase()))
  const kept = Object.entries(headers).filter(([name]) => !replaced.has(name.toLowerCase()))
  const added = Object.entries(set).filter((entry): entry is [string, string] => entry[1] !== null)
  return Object.fromEntries([...kept, ...added])
}

function locationHeader({ location }: Extract<Fault, { kind: 'redirect' }>, request: Request): Record<string, string> {
  if (location === undefined) return {}
  return { Location: typeof location === 'function' ? location(request) : location }
}

function wrongRange(answer: RangeAnswer, request: Request, content: Content): Reply {
  if (answer === 'whole') return wholeReply(content)
  if (answer === 'unsatisfiable') return unsatisfiableReply(content)
  const { 'if-range': _, ...headers } = request.headers
  const range = wantedRange({ ...request, headers }, content)
  if (range === undefined || range === 'unsatisfiable') return rightReply(request, content)
  const right = partReply(content, range)
  const total = content.body.length
  switch (answer) {
    case 'wrongStart':
      return partReply(content, { ...range, start: Math.max(0, range.start - 1) })
    case 'wrongTotal':
      return { ...right, headers: { ...right.headers, 'Content-Range': contentRange(range, total + 1) } }
    case 'otherContent':
      return { ...right, body: damaged(right.body) }
    case 'noContentRange':
      return { ...right, headers: withHeaders(right.headers, { 'Content-Range': null }) }
    case 'multipart':
      return multipart(right, content.contentType)
  }
}

function multipart(part: Reply, contentType: string): Reply {
  const head = `--cut\r\nContent-Type: ${contentType}\r\nContent-Range: ${part.headers['Content-Range']}\r\n\r\n`
  const set = { 'Content-Type': 'multipart/byteranges; boundary=cut', 'Content-Range': null }
  const body = Buffer.concat([Buffer.from(head), part.body, Buffer.from('\r\n--cut--\r\n')])
  return { ...part, headers: withHeaders(part.headers, set), body }
}
