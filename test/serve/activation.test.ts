import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { renameSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { judge } from '../helpers/judges.ts'
import { rawGet, running, tree } from './serving.ts'

const run = promisify(execFile)

/** Serves what listens at descriptor 3 and says where that is. */
const program = `
const { serve } = await import(process.argv[2] + '/server.ts')
const stop = new AbortController()
process.on('SIGTERM', () => stop.abort())
const site = await serve({ root: process.argv[1], listen: { fd: 3 }, signal: stop.signal })
console.log(site.url, site.port)
`

/** A program that was given a socket which listens already, as systemd does; what it says first. */
async function activated(socket: Server, root: string): Promise<string> {
  const source = join(import.meta.dirname, '../../src/serve')
  const { _handle: handle } = socket as unknown as { _handle: { fd: number } }
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, root, source], {
    stdio: ['ignore', 'pipe', 'inherit', handle.fd],
  })
  onTestFinished(async () => {
    child.kill('SIGTERM')
    await once(child, 'exit')
  })
  const [said] = (await once(child.stdout as Readable, 'data')) as [Buffer]
  return said.toString().trim()
}

test('a socket that was passed is served, and named by its address', async () => {
  const socket = createServer().listen(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address() as { port: number }
  expect(await activated(socket, tree({ file: 'ours' }))).toBe(`http://127.0.0.1:${port}/ ${port}`)
  socket.close()
  expect(await rawGet(port, '/file')).toContain('ours')
})

test.skipIf(!judge('curl'))('a unix socket that was passed is served', async () => {
  const root = tree({ file: 'ours' })
  const path = join(dirname(root), 'http.sock')
  const socket = createServer().listen(path)
  await once(socket, 'listening')
  expect(await activated(socket, root)).toBe('http://localhost/ 0')
  // Our own end must not accept, and closing it would remove the name that it made.
  renameSync(path, `${path}.kept`)
  socket.close()
  const { stdout } = await run('curl', ['-sS', '--unix-socket', `${path}.kept`, 'http://mirror/file'])
  expect(stdout).toBe('ours')
})

test('a descriptor that is no socket is E_LISTEN', async () => {
  await expect(running(tree({}), {}, { listen: { fd: 999 } })).rejects.toThrow(
    /^Cannot listen on the socket passed as descriptor 999: /,
  )
})

test('an IPv6 address is listened on and named', async () => {
  const { url, port } = await running(tree({ file: 'ours' }), {}, { listen: { host: '::1', port: 0 } })
  expect(url).toBe(`http://[::1]:${port}/`)
  expect(await (await fetch(`${url}file`)).text()).toBe('ours')
})
