import { closeSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, readSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { AccessEntry } from '../../src/serve/answer.ts'
import { realRoot } from '../../src/serve/file.ts'
import { findBelow } from '../../src/serve/find.ts'
import { defaultLimits, type Limits } from '../../src/serve/limits.ts'
import type { Client, Handler, HttpRequest, HttpResponse } from '../../src/serve/message.ts'
import { type ServeOptions, type Serving, serve } from '../../src/serve/server.ts'
import { staticFiles } from '../../src/serve/static.ts'

/** A root with these files (path -> content), removed when the test is over. */
export function tree(files: Record<string, string | Buffer>): string {
  const folder = mkdtempSync(join(tmpdir(), 'mirror-serve-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const root = join(folder, 'www')
  mkdirSync(root)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  return root
}

/** A file whose every byte says where it stands, so that a range in the wrong place is seen. */
export function pattern(size: number): Buffer {
  return Buffer.from(Uint8Array.from({ length: size }, (_, at) => (at * 7 + (at >> 8)) & 255))
}

/** The handler of a root, to be asked without a socket. */
export function site(root: string, limits: Partial<Limits> = {}): Handler {
  return staticFiles(findBelow(realRoot(root)), { ...defaultLimits, ...limits })
}

/** A client on a connection of its own. */
export function aClient(address = '127.0.0.1'): Client {
  return { address, isProxy: false, certified: false }
}

/** A request of a client, to ask a handler by. */
export function asking(
  method: string,
  target: string,
  headers: Record<string, string> = {},
  client = aClient(),
): HttpRequest {
  return { method, target, headers, client, address: '127.0.0.1' }
}

/** Asks a handler by GET; a file that it would send is closed when the test is over. */
export async function get(
  handler: Handler,
  target: string,
  headers: Record<string, string> = {},
  client: Client = aClient(),
): Promise<HttpResponse> {
  const response = await handler(asking('GET', target, headers, client))
  const { body } = response
  if (body !== undefined && 'file' in body) onTestFinished(() => closeSync(body.file.fd))
  return response
}

/** The bytes that a response would send. */
export function bytesOf({ body }: HttpResponse): Buffer {
  if (body === undefined) return Buffer.alloc(0)
  if (Buffer.isBuffer(body)) return body
  const parts = body.pieces.map((piece) => {
    if (Buffer.isBuffer(piece)) return piece
    const buffer = Buffer.alloc(piece.length)
    readSync(body.file.fd, buffer, 0, piece.length, piece.start)
    return buffer
  })
  return Buffer.concat(parts)
}

/** What this process has open below the folder. */
export function openBelow(folder: string): string[] {
  const paths = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`)
    } catch {
      return '' // The descriptor of this very readdir is gone by now.
    }
  })
  return paths.filter((path) => path.startsWith(folder))
}

export interface RunningSite extends Serving {
  /** What was answered so far. */
  entries: AccessEntry[]
  stop: () => Promise<void>
}

/** A server over the root on a free port of 127.0.0.1, stopped when the test is over. */
export async function running(
  root: string,
  limits: Partial<Limits> = {},
  options: Partial<ServeOptions> = {},
): Promise<RunningSite> {
  const stopping = new AbortController()
  const entries: AccessEntry[] = []
  const serving = await serve({
    root,
    listen: { host: '127.0.0.1', port: 0 },
    limits: { drainMs: 100, ...limits },
    onAnswer: (entry) => entries.push(entry),
    signal: stopping.signal,
    ...options,
  })
  const stop = (): Promise<void> => {
    stopping.abort()
    return serving.closed
  }
  onTestFinished(stop)
  return { ...serving, entries, stop }
}

/** Sends these bytes as they are and returns all that comes back until the server closes the connection. */
export function raw(port: number, text: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    socket.setEncoding('latin1')
    socket.on('data', (text) => (answer += text))
    socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? undefined : reject(error)))
    socket.on('close', () => resolve(answer))
  })
}

/** A whole GET on a connection of its own, with the target as it is. */
export function rawGet(port: number, target: string): Promise<string> {
  return raw(port, `GET ${target} HTTP/1.1\r\nHost: mirror\r\nConnection: close\r\n\r\n`)
}

/** The status of each response in what came back. */
export function statuses(answer: string): number[] {
  return [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
}
