import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import type { Client } from './message.ts'

interface Queue {
  client: Client
  waiting: number
  last: Promise<void> | undefined
}

/**
 * The open connections of a server, each with its requests in a queue: node hands over all requests that one packet
 * pipelines at once, and without a queue 2,000 of them would open 2,000 files.
 */
export class Connections {
  readonly #queues = new Map<Duplex, Queue>()
  /** Below TLS, where a connection begins before its first request can. */
  readonly #sockets = new Set<Socket>()
  readonly #turns = new Set<Promise<void>>()
  #draining = false

  /** Of a server over TLS or not; `isProxy` tells of an address whether many clients are behind it. */
  constructor(server: Server, isTls = false, isProxy: (address: string) => boolean = () => false) {
    server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
    server.on(isTls ? 'secureConnection' : 'connection', (socket: Socket) => {
      const address = socket.remoteAddress ?? ''
      const client = {
        address,
        isProxy: isProxy(address),
        certified: socket instanceof TLSSocket && socket.authorized,
      }
      this.#queues.set(socket, { client, waiting: 0, last: undefined })
      socket.once('close', () => this.#queues.delete(socket))
    })
  }

  /** How many there are, in their handshake or later. */
  get open(): number {
    return this.#sockets.size
  }

  /** Whether the server was told to stop, so that responses say `Connection: close`. */
  get draining(): boolean {
    return this.#draining
  }

  /** Whether bytes of a response may be under way, so that nothing else may be written to the connection. */
  isAnswering(socket: Duplex): boolean {
    return (this.#queues.get(socket)?.waiting ?? 0) > 0
  }

  /**
   * Answers a request after the earlier ones of its connection, at once where there is none, and not at all when that
   * is gone; `answer` must not throw.
   */
  inTurn(socket: Socket, answer: (client: Client) => Promise<void>): void {
    const queue = this.#queues.get(socket)
    if (queue === undefined) return
    queue.waiting += 1
    const { client, last } = queue
    const answered =
      last === undefined ? answer(client) : last.then(() => (socket.destroyed ? undefined : answer(client)))
    const turn = answered.finally(() => {
      this.#turns.delete(turn)
      queue.waiting -= 1
      if (queue.waiting > 0) return
      queue.last = undefined
      if (this.#draining) socket.destroySoon()
    })
    this.#turns.add(turn)
    queue.last = turn
  }

  /** Resolves when nothing is being answered any more: a connection can be gone before its file is closed. */
  async settled(): Promise<void> {
    await Promise.all(this.#turns)
  }

  /** Closes idle connections now, others after their running response, and whatever is left after `ms`. */
  drain(ms: number): NodeJS.Timeout {
    this.#draining = true
    for (const [socket, { waiting }] of this.#queues) if (waiting === 0) socket.destroy()
    return setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy()
    }, ms)
  }
}
