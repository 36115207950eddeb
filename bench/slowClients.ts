import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { familyMemory } from './processes.ts'

/**
 * The highest resident memory (bytes) of a server and its children while so many clients read one file at some 64 kB a
 * second each. @throws when one of them is cut
 */
export async function memoryUnderSlowClients(url: URL, clients: number, seconds: number, pid: number): Promise<number> {
  const sockets = await Promise.all(Array.from({ length: clients }, () => ask(url)))
  let peak = 0
  const end = performance.now() + seconds * 1000
  while (performance.now() < end) {
    await sleep(250)
    for (const socket of sockets) if (socket.read(16 * 1024) === null) socket.read()
    peak = Math.max(peak, familyMemory(pid).rss)
  }
  const gone = sockets.filter((socket) => socket.destroyed || socket.readableEnded).length
  for (const socket of sockets) socket.destroy()
  if (gone > 0) throw new Error(`${gone} of ${clients} slow clients were cut`)
  return peak
}

async function ask({ hostname, port, pathname }: URL): Promise<Socket> {
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.pause()
  socket.write(`GET ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`)
  return socket
}
