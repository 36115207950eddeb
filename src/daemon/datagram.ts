/** Linux's numbers (asm-generic, so x86_64's and aarch64's), of socket(2) and send(2). */
const AF_UNIX = 1
const SOCK_DGRAM = 2
const SOCK_CLOEXEC = 0o2000000
const MSG_DONTWAIT = 0x40
const MSG_NOSIGNAL = 0x4000

/**
 * Sends one datagram to an AF_UNIX socket, a path or with a leading `@` an abstract name; false where it could not be
 * sent at once. node:net and node:dgram have no such sockets, so the C library is asked: 12 µs, where a program that
 * does it costs 5 ms. A full queue must not hold up whoever is being served, so nothing waits here.
 */
export function sendDatagram(socket: string, message: string): boolean {
  libc ??= openLibc()
  if (libc === undefined) return false
  const fd = libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)
  if (fd < 0) return false
  const address = socketAddress(socket)
  const bytes = Buffer.from(message)
  const flags = MSG_DONTWAIT | MSG_NOSIGNAL
  const sent = libc.sendto(fd, bytes, BigInt(bytes.length), flags, address, address.length)
  libc.close(fd)
  return Number(sent) === bytes.length
}

/** A sockaddr_un, unix(7): the family in the host's byte order, then the name; an abstract one begins with NUL. */
function socketAddress(socket: string): Buffer {
  const name = Buffer.from(socket)
  if (name[0] === 0x40) name[0] = 0
  return Buffer.concat([new Uint8Array(new Uint16Array([AF_UNIX]).buffer), name])
}

let libc: ReturnType<typeof openLibc>

/** undefined where Node.js was built or started without node:ffi, or has another one by now: it is experimental. */
function openLibc() {
  const emitWarning = process.emitWarning.bind(process)
  // Node warns of an experimental module as it is first loaded, which would be the first line of every journal.
  process.emitWarning = () => {}
  try {
    return process.getBuiltinModule('node:ffi').dlopen(null, {
      socket: { arguments: ['int32', 'int32', 'int32'], return: 'int32' },
      sendto: { arguments: ['int32', 'buffer', 'uint64', 'int32', 'buffer', 'uint32'], return: 'int64' },
      close: { arguments: ['int32'], return: 'int32' },
    }).functions
  } catch {
    return undefined
  } finally {
    process.emitWarning = emitWarning
  }
}
