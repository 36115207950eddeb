import { once } from 'node:events'
import { ftruncateSync, openSync, truncateSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { openBelow, rawGet, running, tree } from './serving.ts'

const request = 'GET /big HTTP/1.1\r\nHost: mirror\r\n\r\n'

test('500 clients that leave in the middle leave no open file behind', async () => {
  const root = tree({ big: '' })
  truncateSync(join(root, 'big'), 50_000_000)
  const { port, entries } = await running(root)
  for (let round = 0; round < 20; round++) {
    await Promise.all(Array.from({ length: 25 }, (_, n) => leave(port, n)))
  }
  await vi.waitFor(() => expect(entries).toHaveLength(500), 10_000)
  expect(openBelow(root)).toEqual([])
  expect(entries.some(({ error }) => error !== undefined)).toBe(false)
})

/** Every third resets the connection, others leave after a packet or with further requests waiting. */
async function leave(port: number, n: number): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write(n % 5 === 4 ? request.repeat(3) : request)
  await once(socket, 'data')
  if (n % 3 === 0) socket.resetAndDestroy()
  else socket.destroy()
}

test('2,000 requests in one packet hold one file open at a time', async () => {
  const root = tree({ big: '' })
  truncateSync(join(root, 'big'), 50_000_000)
  const { port } = await running(root)
  const socket = connect(port, '127.0.0.1')
  socket.write(request.repeat(2000))
  await once(socket, 'readable')
  expect(openBelow(root)).toHaveLength(1)
  socket.destroy()
  await vi.waitFor(() => expect(openBelow(root)).toEqual([]), 5000)
})

test('a file that shrinks while it is sent ends the connection, never as if it were whole', async () => {
  const root = tree({ big: '' })
  const fd = openSync(join(root, 'big'), 'r+')
  ftruncateSync(fd, 1e9)
  const { url, entries } = await running(root)
  const response = await fetch(`${url}big`)
  ftruncateSync(fd, 1000)
  expect(response.headers.get('content-length')).toBe('1000000000')
  await expect(response.arrayBuffer()).rejects.toThrow('terminated')
  await vi.waitFor(() => expect(entries).toHaveLength(1), 5000)
  expect(entries[0]).toMatchObject({ status: 200, complete: false, error: { code: 'E_TRUNCATED' } })
  expect(await rawGet(Number(new URL(url).port), '/big')).toContain('content-length: 1000')
})
