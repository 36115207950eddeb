import { closeSync } from 'node:fs'
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, STATUS_CODES } from 'node:http'
import type { OpenFile } from './file.ts'

/** What a handler needs to know of a request; the target is what stood on the request line, not yet decoded. */
export interface HttpRequest {
  method: string
  target: string
  headers: IncomingHttpHeaders
  client: Client
  /** The IP address that asks, behind a proxy of ours too; empty on a unix socket. */
  address: string
}

/** The other end of a connection: one object for each, so that what it was given can be remembered by it. */
export interface Client {
  /** The IP address there; empty on a unix socket. */
  address: string
  /** Whether it is a proxy of ours, and many clients behind it. */
  isProxy: boolean
  /** Whether it showed a certificate that the configured authority signed. */
  certified: boolean
}

/** What a handler answers; whoever takes it sends the body and closes its file. Header names are in lower case. */
export interface HttpResponse {
  status: number
  headers: OutgoingHttpHeaders
  body?: Buffer | FileBody
}

/** `length` bytes of a file from the offset `start` on. */
export interface Slice {
  start: number
  length: number
}

/** A body read from an open file: its slices in order, with the text of a multipart body between them. */
export interface FileBody {
  file: OpenFile
  pieces: readonly (Slice | Buffer)[]
}

/**
 * The one type of everything that answers: what cuts across (authentication, a status page at `/`) wraps a handler.
 * Without a promise where the answer is at hand, since thousands of them a second are.
 */
export type Handler = (request: HttpRequest) => HttpResponse | Promise<HttpResponse>

/** No browser guesses a type from the bytes: what an upstream calls a text file never runs as a script. */
export const nosniff = { 'x-content-type-options': 'nosniff' } as const

/** A response whose body is the status in words, as every refusal is, or says more. */
export function statusResponse(
  status: number,
  headers: OutgoingHttpHeaders = {},
  text = `${status} ${STATUS_CODES[status]}`,
): HttpResponse {
  return textResponse(status, 'text/plain; charset=utf-8', `${text}\n`, headers)
}

/** The same response as HEAD has it; its file is closed. */
export function withoutBody({ body, ...head }: HttpResponse): HttpResponse {
  if (body !== undefined && 'file' in body) closeSync(body.file.fd)
  return head
}

/** A response with a text made by the server itself, which is never to be kept unasked. */
export function textResponse(status: number, type: string, text: string, headers: OutgoingHttpHeaders): HttpResponse {
  const body = Buffer.from(text)
  const common = { ...nosniff, 'cache-control': 'no-cache', 'content-type': type, 'content-length': body.length }
  return { status, headers: { ...common, ...headers }, body }
}
