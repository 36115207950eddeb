import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'

/** A web server over a tree; it ends where the `await using` block is left. */
export type Front = AsyncDisposable & { url: string }

const examples = new URL('../../config/front/', import.meta.url).pathname

/** Serves `root` by nginx with the example as it is, but for the address, the name and the root; its files in `work`. */
export async function startNginx(root: string, work: string): Promise<Front> {
  const port = await freePort()
  const example = readFileSync(join(examples, 'nginx.conf'), 'utf8')
    .replace('listen 80;', `listen 127.0.0.1:${port};`)
    .replace('listen [::]:80;', '')
    .replace('/srv/mirror/www', root)
  mkdirSync(join(work, 'temporary'), { recursive: true })
  writeFileSync(join(work, 'mirror.conf'), example)
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((of) => `${of}_temp_path temporary/${of};`)
  // nginx started by root drops to a user of its own, which may not read the tree. Distributions turn gzip on.
  const user = process.getuid?.() === 0 ? `user ${userInfo().username};` : ''
  const http = `http { access_log off; gzip on; gzip_types text/plain text/xml application/xml; ${temporary.join(' ')}
include mirror.conf; }`
  const lines = [user, 'daemon off;', 'worker_processes 1;', 'pid nginx.pid;', 'events { }', http]
  writeFileSync(join(work, 'nginx.conf'), lines.join('\n'))
  return start('nginx', ['-p', work, '-c', 'nginx.conf', '-e', 'stderr'], port)
}

/** Serves `root` by Caddy, as `startNginx` does by nginx. */
export async function startCaddy(root: string, work: string): Promise<Front> {
  const port = await freePort()
  const example = readFileSync(join(examples, 'Caddyfile'), 'utf8')
    .replace('mirror.example.org {', `http://127.0.0.1:${port} {`)
    .replace('/srv/mirror/www', root)
  mkdirSync(work, { recursive: true })
  const file = join(work, 'Caddyfile')
  writeFileSync(file, `{\n\tadmin off\n}\n${example}`)
  return start('caddy', ['run', '--adapter', 'caddyfile', '--config', file], port, {
    HOME: work,
    XDG_DATA_HOME: work,
    XDG_CONFIG_HOME: work,
  })
}

async function start(command: string, args: string[], port: number, env: object = {}): Promise<Front> {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } })
  const ended = once(child, 'close')
  const said = text(child.stderr)
  const url = `http://127.0.0.1:${port}/`
  for (let tries = 0; !(await answers(url)); tries++) {
    if (child.exitCode !== null || tries > 200) {
      child.kill('SIGKILL')
      throw new Error(`${command} does not serve\n${await said}`)
    }
    await sleep(50)
  }
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    async (response) => {
      await response.body?.cancel()
      return true
    },
    () => false,
  )
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
