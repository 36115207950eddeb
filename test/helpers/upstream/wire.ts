import { once } from 'node:events'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Reply } from './reply.ts'
import type { Ending } from './rules.ts'

/** A client's connection; the signal aborts when it is closed, and with it every wait. */
export interface Line {
  socket: Socket
  signal: AbortSignal
}

/** Sends a reply with its right Content-Length; a reply to HEAD keeps its headers and loses its body. */
export async function sendReply(line: Line, reply: Reply, isHead: boolean): Promise<void> {
  const framing = reply.status === 304 ? {} : lengthOf(reply)
  await write(line, head(reply, framing))
  if (!isHead) await write(line, reply.body)
}

/** Headers go out byte for byte, so that control characters and broken lines reach the client. */
export function head(reply: Reply, framing: Record<string, string>): Buffer {
  const headers = { Date: new Date().toUTCString(), ...reply.headers, ...framing }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const status = `HTTP/1.1 ${reply.status} ${STATUS_CODES[reply.status] ?? 'Unknown'}\r\n`
  return Buffer.from(`${status}${lines.join('')}\r\n`, 'latin1')
}

/** The right Content-Length. */
export function lengthOf(reply: Reply): Record<string, string> {
  return { 'Content-Length': String(reply.body.length) }
}

/** One chunk of Transfer-Encoding: chunked; an empty one is the last. */
export function chunk(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
}

/** Writes, and waits while the client does not read. */
export async function write({ socket, signal }: Line, bytes: Buffer): Promise<void> {
  signal.throwIfAborted()
  if (!socket.write(bytes)) await once(socket, 'drain', { signal })
}

/** Ends the connection. */
export async function end({ socket, signal }: Line, ending: Ending): Promise<void> {
  if (ending === 'fin') {
    socket.end()
    return
  }
  // A reset throws away what the client has not read yet, so it is given a moment to read.
  await sleep(50, undefined, { signal })
  socket.resetAndDestroy()
}

/** Waits until the client, or the end of the test, closes the connection. */
export async function closed({ signal }: Line): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}
