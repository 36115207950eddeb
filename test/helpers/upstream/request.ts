import type { Socket } from 'node:net'

/** A request as it came over the wire; header names in lower case, `path` as sent, with its query. */
export interface Request {
  method: string
  path: string
  version: string
  headers: Record<string, string>
}

/** The requests of one connection, pipelined ones included. Bodies are not expected and not read. */
export async function* readRequests(socket: Socket): AsyncGenerator<Request> {
  let pending = ''
  for await (const bytes of socket.iterator({ destroyOnReturn: false })) {
    pending += (bytes as Buffer).toString('latin1')
    for (let end = pending.indexOf('\r\n\r\n'); end >= 0; end = pending.indexOf('\r\n\r\n')) {
      const head = pending.slice(0, end)
      pending = pending.slice(end + 4)
      yield parseRequest(head)
    }
  }
}

function parseRequest(head: string): Request {
  const [start = '', ...lines] = head.split('\r\n')
  const [method = '', path = '', version = ''] = start.split(' ')
  return { method, path, version, headers: Object.fromEntries(lines.map(parseHeader)) }
}

function parseHeader(line: string): [string, string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
}

/** Whether the connection stays open after the reply: the default of HTTP/1.1 unless the client says close. */
export function keepsAlive({ version, headers }: Request): boolean {
  return version === 'HTTP/1.1' && headers.connection?.toLowerCase() !== 'close'
}
