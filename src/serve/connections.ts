import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

interface Queue {
  waiting: number
  last: Promise<void>
}

/**
 * The open connections of a server, each with its requests in a queue: node hands over all requests that one packet
 * pipelines at once, and without a queue 2,000 of them would open 2,000 files.
 */
export class Connections {
  readonly #queues = new Map<Duplex, Queue>()
  readonly #turns = new Set<Promise<void>>()
  #draining = false

  constructor(server: Server) {
    server.on('connection', (socket) => {
      this.#queues.set(socket, { waiting: 0, last: Promise.resolve() })
      socket.once('close', () => this.#queues.delete(socket))
    })
  }

  /** Whether the server was told to stop, so that responses say `Connection: close`. */
  get draining(): boolean {
    return this.#draining
  }

  /** Whether bytes of a response may be under way, so that nothing else may be written to the connection. */
  isAnswering(socket: Duplex): boolean {
    return (this.#queues.get(socket)?.waiting ?? 0) > 0
  }

  /** Answers a request after the earlier ones of its connection, not at all when that is gone; `answer` must not throw. */
  inTurn(socket: Socket, answer: () => Promise<void>): void {
    const queue = this.#queues.get(socket)
    if (queue === undefined) return
    queue.waiting += 1
    const turn = queue.last
      .then(() => (socket.destroyed ? undefined : answer()))
      .finally(() => {
        this.#turns.delete(turn)
        queue.waiting -= 1
        if (this.#draining && queue.waiting === 0) socket.destroySoon()
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
      for (const socket of this.#queues.keys()) socket.destroy()
    }, ms)
  }
}
