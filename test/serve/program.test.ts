import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { makeAuthority } from '../helpers/authority.ts'
import { judge } from '../helpers/judges.ts'
import { runMirror, spawnMirror } from '../helpers/mirror.ts'

const run = promisify(execFile)

/** A configuration in the authority's folder that serves over TLS; its file. */
function configured(folder: string, ...keys: string[]): string {
  mkdirSync(join(folder, 'www'))
  writeFileSync(join(folder, 'www/file'), 'ours')
  const file = join(folder, 'mirror.yaml')
  const lines = ['root: www', 'listen: 127.0.0.1:0', 'tls_cert: server.crt', 'tls_key: server.key', ...keys]
  writeFileSync(file, `${lines.join('\n')}\nrepos: { a: { baseurl: "http://127.0.0.1:9/" } }\n`)
  return file
}

test.skipIf(!judge('openssl', 'curl'))('mirror serve does what the configuration says of serving', async () => {
  const { sign, folder, ca } = makeAuthority()
  sign('server')
  writeFileSync(join(folder, 'htpasswd'), 'ann:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n')
  const keys = ['htpasswd: htpasswd', 'allow: 127.0.0.1', 'access_log: access.log', 'tls_client_ca: ca.crt']
  await using mirror = spawnMirror(['serve', '-c', configured(folder, ...keys)])
  const [url] = await mirror.says(/https:\/\/\S+/)
  const { cert, key } = sign('client')
  const args = ['-sS', '--cacert', ca, '--cert', cert, '--key', key, '-u', 'ann:password']
  expect((await run('curl', [...args, `${url}file`])).stdout).toBe('ours')
  mirror.child.kill('SIGTERM')
  expect((await mirror.ended).status).toBe(0)
  expect(readFileSync(join(folder, 'access.log'), 'utf8')).toMatch(/^127\.0\.0\.1 - ann \[.+\] "GET \/file HTTP/)
})

test.skipIf(!judge('openssl'))('config check says what is wrong with a file, and serve does not start', async () => {
  const { sign, folder } = makeAuthority()
  const { key } = sign('server')
  const file = configured(folder)
  expect(await runMirror(['config', 'check', '-c', file])).toMatchObject({ status: 0 })
  chmodSync(key, 0o644)
  const stderr = `E_CONFIG: tls_key: everybody on this host may read ${key}; run chmod o= on it\n`
  expect(await runMirror(['config', 'check', '-c', file])).toMatchObject({ status: 2, stderr })
  expect(await runMirror(['serve', '-c', file])).toMatchObject({ status: 2, stderr })
})
