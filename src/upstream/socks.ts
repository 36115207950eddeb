import { once } from 'node:events'
import { isIP, type Socket } from 'node:net'
import { MirrorError } from '../errors.ts'
import { wordsOf } from './addresses.ts'
import { type ProxyHost, proxyName } from './proxies.ts'
import { authRefused } from './tunnel.ts'

/** RFC 1928 and, for names and passwords, RFC 1929. */
const version = 5
const methods = { none: 0, password: 2, refused: 0xff } as const
const addressTypes = { ipv4: 1, name: 3, ipv6: 4 } as const

/** What a proxy says of why it did not connect, and whether that may be otherwise at the next try. */
const replies: Record<number, [text: string, passes: boolean]> = {
  1: ['failed', true],
  2: ['is not allowed to', false],
  3: ['finds no route to the network', true],
  4: ['finds no route to the host', true],
  5: ['was refused the connection', true],
  6: ['waited in vain', true],
  7: ['knows no such command', false],
  8: ['knows no such kind of address', false],
}

/** Asks a SOCKS5 proxy for a connection to a host, by its address or by its name; the socket is the host's then. */
export async function socks(
  proxy: ProxyHost,
  host: string,
  port: number,
  socket: Socket,
  timeoutMs: number,
): Promise<Socket> {
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    await greet(proxy, socket, signal)
    socket.write(Buffer.from([version, 1, 0, ...destination(host), port >> 8, port & 0xff]))
    await readReply(proxy, `${host}:${port}`, socket, signal)
    return socket
  } catch (error) {
    if (signal.aborted) throw new MirrorError('E_CONNECT', `${proxyName(proxy)} does not answer`, { cause: error })
    throw error
  }
}

async function greet(proxy: ProxyHost, socket: Socket, signal: AbortSignal): Promise<void> {
  const { login } = proxy
  const offered = login === undefined ? [methods.none] : [methods.none, methods.password]
  socket.write(Buffer.from([version, offered.length, ...offered]))
  const [spoken, method] = await take(socket, 2, signal)
  if (spoken !== version) throw new MirrorError('E_PROXY', `${proxyName(proxy)} does not speak SOCKS5`)
  if (method === methods.none) return
  if (method !== methods.password || login === undefined) throw authRefused(proxy)
  const [name, password] = [Buffer.from(login.username), Buffer.from(login.password)]
  if (name.length > 255 || password.length > 255)
    throw new MirrorError('E_CREDENTIALS', 'SOCKS5 takes names and passwords up to 255 bytes')
  socket.write(Buffer.from([1, name.length, ...name, password.length, ...password]))
  const [, status] = await take(socket, 2, signal)
  if (status !== 0) throw authRefused(proxy)
}

function destination(host: string): number[] {
  const family = isIP(host)
  if (family === 4) return [addressTypes.ipv4, ...host.split('.').map(Number)]
  if (family === 6) return [addressTypes.ipv6, ...wordsOf(host).flatMap((word) => [word >> 8, word & 0xff])]
  const name = Buffer.from(host)
  if (name.length > 255) throw new MirrorError('E_PROXY', 'SOCKS5 takes host names up to 255 bytes')
  return [addressTypes.name, name.length, ...name]
}

async function readReply(proxy: ProxyHost, host: string, socket: Socket, signal: AbortSignal): Promise<void> {
  const [, reply = 0, , type] = await take(socket, 4, signal)
  if (reply !== 0) {
    const [text, passes] = replies[reply] ?? [`answers ${reply}`, false]
    throw new MirrorError(passes ? 'E_CONNECT' : 'E_PROXY', `${proxyName(proxy)} ${text}: ${host}`)
  }
  // Where the proxy is bound to: of no use, but it has to be read.
  const length = type === addressTypes.name ? ((await take(socket, 1, signal))[0] as number) : type === 4 ? 16 : 4
  await take(socket, length + 2, signal)
}

/** Exactly so many bytes. */
async function take(socket: Socket, count: number, signal: AbortSignal): Promise<Buffer> {
  for (;;) {
    const bytes: Buffer | null = socket.read(count)
    if (bytes !== null && bytes.length === count) return bytes
    if (socket.readableEnded || socket.destroyed) throw new MirrorError('E_CONNECT', 'the proxy closed the connection')
    await once(socket, 'readable', { signal })
  }
}
