import { setTimeout as sleep } from 'node:timers/promises'

/** An AF_UNIX datagram socket that listens, as systemd's notification socket does. */
export interface DatagramSocket extends Disposable {
  /** What came since the last call, without waiting. */
  take(): string[]
  /** The next `count` messages; throws if they do not come within 20 s. */
  next(count: number): Promise<string[]>
}

const [AF_UNIX, SOCK_DGRAM, SOCK_CLOEXEC, MSG_DONTWAIT] = [1, 2, 0o2000000, 0x40]

/** Binds a path, or with a leading `@` an abstract name. */
export function listenForDatagrams(name: string): DatagramSocket {
  const libc = process.getBuiltinModule('node:ffi').dlopen(null, {
    socket: { arguments: ['int32', 'int32', 'int32'], return: 'int32' },
    bind: { arguments: ['int32', 'buffer', 'uint32'], return: 'int32' },
    recv: { arguments: ['int32', 'buffer', 'uint64', 'int32'], return: 'int64' },
    close: { arguments: ['int32'], return: 'int32' },
  }).functions
  const address = Buffer.from(`\u0001\u0000${name.replace(/^@/, '\u0000')}`)
  const fd = libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)
  if (libc.bind(fd, address, address.length) !== 0) throw new Error(`Cannot bind ${name}`)
  const buffer = Buffer.alloc(8192)
  const receive = () => Number(libc.recv(fd, buffer, BigInt(buffer.length), MSG_DONTWAIT))
  const take = () => {
    const messages: string[] = []
    for (let length = receive(); length >= 0; length = receive()) messages.push(buffer.toString('utf8', 0, length))
    return messages
  }
  return { take, next: (count) => next(take, count), [Symbol.dispose]: () => libc.close(fd) }
}

async function next(take: () => string[], count: number): Promise<string[]> {
  const messages: string[] = []
  for (const deadline = Date.now() + 20_000; messages.length < count; await sleep(10)) {
    messages.push(...take())
    if (Date.now() > deadline) throw new Error(`Only ${messages.length} of ${count} messages came: ${messages.join()}`)
  }
  return messages
}
