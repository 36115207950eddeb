import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type AccessEntry, answerWith } from '../../src/serve/answer.ts'
import { Connections } from '../../src/serve/connections.ts'
import { rawGet, tree } from './serving.ts'

test('a handler that fails is a 500 without details, and the log has them', async () => {
  const server = createServer()
  const entries: AccessEntry[] = []
  const failure = new Error('EIO: i/o error, read /srv/secret/place')
  answerWith(server, new Connections(server), {
    handler: () => Promise.reject(failure),
    onAnswer: (entry) => entries.push(entry),
  })
  server.listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const answer = await rawGet((server.address() as AddressInfo).port, '/file')
  expect(answer).toMatch(/^HTTP\/1\.1 500 .*\r\n\r\n500 Internal Server Error\n$/s)
  expect(entries).toMatchObject([{ status: 500, complete: true, error: failure }])
})

/** Fills this process's table of open files, asks, frees a place, asks again. */
const program = `
import { closeSync, openSync } from 'node:fs'
const { staticFiles } = await import(process.argv[2] + '/static.ts')
const { defaultLimits } = await import(process.argv[2] + '/limits.ts')
const { findBelow } = await import(process.argv[2] + '/find.ts')
const ask = staticFiles(findBelow(process.argv[1]), defaultLimits)
const client = { address: '', isProxy: false, certified: false }
const head = () => ask({ method: 'HEAD', target: '/file', headers: {}, client, address: '' })
await head()
const held = []
try { for (;;) held.push(openSync('/dev/null')) } catch {}
const full = await head()
closeSync(held.pop())
process.stdout.write(full.status + ' ' + full.headers['retry-after'] + ' ' + (await head()).status)
`

test('without a free descriptor the answer is 503, and the server recovers', () => {
  const source = join(import.meta.dirname, '../../src/serve')
  const node = [process.execPath, '--input-type=module', '-e', program, tree({ file: 'x' }), source]
  const { stdout } = spawnSync('sh', ['-c', 'ulimit -n 64 && exec "$@"', 'sh', ...node], { encoding: 'utf8' })
  expect(stdout).toBe('503 5 200')
})
