import { type Server, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Connections } from './connections.ts'

/** How long a refused client may take to read why (ms): closing on bytes that it still sends would discard the answer. */
const lingerMs = 1000

/** Refuses what never becomes a request: broken or oversized heads, clients too slow to send one, CONNECT. */
export function refuseBadRequests(server: Server, connections: Connections): void {
  const refused = new WeakSet<Duplex>()
  const refuse = (socket: Duplex, status: number, fields = ''): void => {
    if (refused.has(socket)) return
    refused.add(socket)
    socket.on('error', () => socket.destroy())
    if (!socket.writable || connections.isAnswering(socket)) socket.destroy()
    else
      socket.end(
        `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${fields}Connection: close\r\nContent-Length: 0\r\n\r\n`,
      )
    setTimeout(() => socket.destroy(), lingerMs).unref()
  }
  server.on('clientError', (error, socket) => refuse(socket, statusOf(error)))
  server.on('connect', (_request, socket) => refuse(socket, 405, 'Allow: GET, HEAD\r\n'))
}

/** 414 when the part of the head that grew too long holds no end of line: then it is all request target. */
function statusOf(error: Error & { code?: string; rawPacket?: Buffer }): number {
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408
  if (error.code !== 'HPE_HEADER_OVERFLOW') return 400
  return error.rawPacket?.includes('\n') === false ? 414 : 431
}
