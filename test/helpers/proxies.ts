import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { freePort, startProgram } from './nginx.ts'

/** A real proxy on a port of 127.0.0.1; it ends where the `await using` block is left. */
export interface RealProxy extends AsyncDisposable {
  port: number
}

export const login = { username: 'me', password: 'canary-proxy' }

/** squid, which takes CONNECT to every port; with `password` it asks for `login`, with `tls` it is an https proxy. */
export async function startSquid(
  work: string,
  { password = false, tls }: { password?: boolean; tls?: { cert: string; key: string } } = {},
): Promise<RealProxy> {
  const port = await freePort()
  mkdirSync(work, { recursive: true })
  chmodSync(work, 0o777)
  // It asks its helper with each name and password, and takes OK for yes.
  const helper = join(work, 'helper')
  const yes = `${login.username} ${login.password}`
  writeFileSync(helper, `#!/bin/sh\nwhile read -r line; do [ "$line" = "${yes}" ] && echo OK || echo ERR; done\n`)
  chmodSync(helper, 0o755)
  const listen =
    tls === undefined
      ? `http_port 127.0.0.1:${port}`
      : `https_port 127.0.0.1:${port} tls-cert=${tls.cert} tls-key=${tls.key}`
  const auth = [
    `auth_param basic program ${helper}`,
    'auth_param basic children 1',
    'acl known proxy_auth REQUIRED',
    'http_access allow known',
  ]
  const lines = [
    listen,
    ...(password ? auth : ['http_access allow all']),
    'http_access deny all',
    'cache deny all',
    'shutdown_lifetime 0 seconds',
    'pid_filename none',
    'cache_log /dev/null',
    `access_log stdio:${join(work, 'access.log')}`,
    `coredump_dir ${work}`,
    'pinger_enable off',
  ]
  writeFileSync(join(work, 'squid.conf'), `${lines.join('\n')}\n`)
  const stop = await startProgram('squid', ['-N', '-f', join(work, 'squid.conf')], port)
  return { port, [Symbol.asyncDispose]: stop }
}

export async function startTinyproxy(work: string, { password = false } = {}): Promise<RealProxy> {
  const port = await freePort()
  mkdirSync(work, { recursive: true })
  const auth = password ? [`BasicAuth ${login.username} ${login.password}`] : []
  const lines = [`Port ${port}`, 'Listen 127.0.0.1', 'Timeout 20', 'MaxClients 20', ...auth]
  writeFileSync(join(work, 'tinyproxy.conf'), `${lines.join('\n')}\n`)
  const stop = await startProgram('tinyproxy', ['-d', '-c', join(work, 'tinyproxy.conf')], port)
  return { port, [Symbol.asyncDispose]: stop }
}

/** danted; `refuses` lets nobody through. (Its passwords are those of the system, which a test does not have.) */
export async function startDanted(work: string, { refuses = false } = {}): Promise<RealProxy> {
  const port = await freePort()
  mkdirSync(work, { recursive: true })
  const verdict = refuses ? 'block' : 'pass'
  const user = userInfo().username
  const lines = [
    `internal: 127.0.0.1 port = ${port}`,
    'external: lo',
    'clientmethod: none',
    'socksmethod: none',
    `user.privileged: ${user}`,
    `user.unprivileged: ${user}`,
    'client pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }',
    `socks ${verdict} { from: 0.0.0.0/0 to: 0.0.0.0/0 }`,
  ]
  writeFileSync(join(work, 'danted.conf'), `${lines.join('\n')}\n`)
  const stop = await startProgram('danted', ['-f', join(work, 'danted.conf'), '-p', join(work, 'danted.pid')], port)
  return { port, [Symbol.asyncDispose]: stop }
}
