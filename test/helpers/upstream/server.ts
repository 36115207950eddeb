import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { falsify, readContent } from './content.ts'
import { keepsAlive, type Request, readRequests } from './request.ts'
import { type Fault, makeRuleBook, type Rule } from './rules.ts'
import { type Line, sendReply } from './wire.ts'
import { sendFaulty, sendsStatus, wireFault } from './wireFaults.ts'
import { faultyReply } from './wrongReply.ts'

/** A request that was received; its status is 0 until the reply is decided, and stays 0 where there is none. */
export interface LoggedRequest extends Request {
  status: number
}

export interface Upstream extends AsyncDisposable {
  /** `http://127.0.0.1:PORT/` */
  readonly url: string
  /** Every request in the order of arrival; may be emptied. */
  readonly requests: LoggedRequest[]
  /** May be changed at any time, in place. */
  readonly rules: Rule[]
  /** Cuts all connections and frees the port. */
  close(): Promise<void>
}

/** Serves a folder on a free port of 127.0.0.1. */
export async function startUpstream(dir: string, rules: Rule[] = []): Promise<Upstream> {
  const requests: LoggedRequest[] = []
  const faultsFor = makeRuleBook(rules)
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    void serve(socket, (line, request) => answer(line, request, faultsFor(request), dir, requests))
  })
  const url = await listen(server)
  const close = () => stop(server, sockets)
  return { url, requests, rules, close, [Symbol.asyncDispose]: close }
}

async function serve(socket: Socket, answerOne: (line: Line, request: Request) => Promise<void>): Promise<void> {
  const closing = new AbortController()
  socket.on('close', () => closing.abort())
  socket.on('error', () => closing.abort())
  try {
    for await (const request of readRequests(socket)) {
      await answerOne({ socket, signal: closing.signal }, request)
      if (socket.writableEnded || socket.destroyed) break
    }
  } catch (error) {
    // A client may go at any moment; anything else is a fault of the test and must fail it.
    if (!closing.signal.aborted && !socket.destroyed) throw error
  }
  socket.resume()
}

async function answer(line: Line, request: Request, faults: Fault[], dir: string, log: LoggedRequest[]): Promise<void> {
  const entry = { ...request, status: 0 }
  log.push(entry)
  await pause(line, request, faults)
  const reply = faultyReply(request, falsify(await readContent(dir, request.path), faults), faults)
  const fault = wireFault(faults)
  if (fault === undefined || sendsStatus(fault)) entry.status = reply.status
  await (fault ? sendFaulty(line, reply, fault) : sendReply(line, reply, request.method === 'HEAD'))
  if (!keepsAlive(request) && !line.socket.destroyed) line.socket.end()
}

async function pause({ signal }: Line, request: Request, faults: Fault[]): Promise<void> {
  for (const fault of faults) {
    if (fault.kind === 'hook') await fault.before(request)
    if (fault.kind === 'delay') await sleep(fault.ms, undefined, { signal })
  }
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

async function stop(server: Server, sockets: Set<Socket>): Promise<void> {
  if (!server.listening) return
  server.close()
  for (const socket of sockets) socket.destroy()
  await once(server, 'close')
}
