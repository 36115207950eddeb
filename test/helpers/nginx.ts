import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'

/** A running nginx; it ends where the `await using` block is left. */
export interface Nginx extends AsyncDisposable {
  port: number
  /** The lines of its access log, in the format that was given. */
  log(): string[]
}

/**
 * Runs the real nginx on a port of 127.0.0.1.
 * @param work a folder for its files
 * @param server lines of its `server` block, without `listen`; `tls` makes it `listen ... ssl`
 * @param format of its access log
 */
export async function startNginx(
  work: string,
  server: readonly string[],
  { tls = false, format = '$request_uri' }: { tls?: boolean; format?: string } = {},
): Promise<Nginx> {
  const port = await freePort()
  mkdirSync(join(work, 'temporary'), { recursive: true })
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((of) => `${of}_temp_path temporary/${of};`)
  // nginx started by root drops to a user of its own, which may not read the tree.
  const user = process.getuid?.() === 0 ? `user ${userInfo().username};` : ''
  const block = [`listen 127.0.0.1:${port}${tls ? ' ssl' : ''};`, ...server].join('\n')
  const http = [`log_format ours '${format}';`, 'access_log access.log ours;', ...temporary, `server { ${block} }`]
  const lines = [
    user,
    'daemon off;',
    'worker_processes 1;',
    'pid nginx.pid;',
    'events { }',
    `http { ${http.join('\n')} }`,
  ]
  writeFileSync(join(work, 'nginx.conf'), lines.join('\n'))
  const stop = await startProgram('nginx', ['-p', work, '-c', 'nginx.conf', '-e', 'stderr'], port)
  return {
    port,
    log: () => readFileSync(join(work, 'access.log'), 'utf8').trim().split('\n'),
    [Symbol.asyncDispose]: stop,
  }
}

/** Starts a server and waits until it takes connections on a port of 127.0.0.1; returns how it is stopped. */
export async function startProgram(command: string, args: string[], port: number): Promise<() => Promise<void>> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'close')
  const said = Promise.all([text(child.stdout), text(child.stderr)])
  for (let tries = 0; !(await takesConnections(port)); tries++) {
    if (child.exitCode !== null || tries > 400) {
      child.kill('SIGKILL')
      throw new Error(`${command} does not serve\n${(await said).join('')}`)
    }
    await sleep(25)
  }
  return async () => {
    child.kill('SIGTERM')
    const killing = setTimeout(() => child.kill('SIGKILL'), 2000)
    await ended
    clearTimeout(killing)
  }
}

/** A port of 127.0.0.1 that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function takesConnections(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
