import { once } from 'node:events'
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { memoryUnderSlowClients } from '../../bench/slowClients.ts'
import { spawnMirror } from '../helpers/mirror.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'

/** `mirror serve` over a root with a small and a large file. */
async function serving(folder: string) {
  const root = join(folder, 'www')
  mkdirSync(root)
  writeFileSync(join(root, 'small'), 'ours')
  writeFileSync(join(root, 'large'), '')
  truncateSync(join(root, 'large'), 1e9)
  const file = join(folder, 'mirror.yaml')
  writeFileSync(file, 'root: www\nlisten: 127.0.0.1:0\nrepos: { a: { baseurl: "http://127.0.0.1:9/" } }\n')
  const program = spawnMirror(['serve', '-c', file])
  const [url] = await program.says(/http:\/\/\S+/)
  return { program, url }
}

/** A client that begins a request, in one of the ways in which slow ones do, and never ends it. */
async function begin(port: number, way: number): Promise<{ socket: Socket; gone: Promise<unknown> }> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  socket.on('error', () => {})
  const gone = once(socket, 'close')
  await once(socket, 'connect')
  if (way === 1) socket.write('GET /small HTTP/1.1\r\nHost: mirror\r\nX-')
  if (way === 2) socket.end('GET /sm')
  if (way === 3) socket.write('POST /small HTTP/1.1\r\nHost: mirror\r\nContent-Length: 1000\r\n\r\nx')
  socket.on('end', () => socket.end())
  return { socket: socket.resume(), gone }
}

test('5,000 clients that send nothing, half a head, half a connection or half a body are cut, others served', async () => {
  await using folder = await makeTemporaryFolder()
  const { program, url } = await serving(folder.path)
  await using _ = program
  const idle = []
  for (let n = 0; n < 5000; n++) idle.push(await begin(Number(new URL(url).port), n % 4))
  const cut = Promise.all(idle.map(({ gone }) => gone)).then(() => true)
  const took: number[] = []
  let all: boolean | undefined
  const deadline = performance.now() + 60_000
  while (all === undefined && performance.now() < deadline) {
    const began = performance.now()
    const response = await fetch(`${url}small`)
    expect(await response.text()).toBe('ours')
    took.push(performance.now() - began)
    all = await Promise.race([cut, wait(20, undefined)])
  }
  expect(all).toBe(true)
  const sorted = took.sort((a, b) => a - b)
  expect(sorted[Math.floor(sorted.length * 0.99)]).toBeLessThan(1000)
})

test('1,000 clients that read slowly cost less than 300 MB', async () => {
  await using folder = await makeTemporaryFolder()
  const { program, url } = await serving(folder.path)
  await using _ = program
  const peak = await memoryUnderSlowClients(new URL('large', url), 1000, 10, program.child.pid as number)
  expect(peak).toBeLessThan(300e6)
  expect(await (await fetch(`${url}small`)).text()).toBe('ours')
})
