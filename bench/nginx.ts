import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A web server on loopback with its process; it ends where the `await using` block is left. */
export type WebServer = AsyncDisposable & { url: string; pid: number }

/** Serves a folder with nginx: one worker, kept connections, no log, its files in the work folder. */
export async function serve(folder: string, work: string): Promise<WebServer> {
  const prefix = join(work, 'nginx')
  mkdirSync(join(prefix, 'temporary'), { recursive: true })
  const port = await freePort()
  writeFileSync(join(prefix, 'nginx.conf'), configuration(folder, port))
  const child = spawn('nginx', ['-p', prefix, '-c', 'nginx.conf', '-e', 'stderr'], { stdio: ['ignore', 2, 2] })
  const ended = once(child, 'exit')
  const url = `http://127.0.0.1:${port}/`
  await answers(new URL('repodata/repomd.xml', url), ended)
  return {
    url,
    pid: child.pid as number,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}

function configuration(folder: string, port: number): string {
  const modules = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  // nginx started by root drops to a user of its own, which may not read the folder.
  const user = process.getuid?.() === 0 ? `user ${userInfo().username};` : ''
  return `${user}
daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr;
events { worker_connections 4096; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 10000000;
  keepalive_timeout 600s;
  ${modules.map((module) => `${module}_temp_path temporary/${module};`).join('\n  ')}
  server { listen 127.0.0.1:${port}; root "${folder}"; }
}
`
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

async function answers(url: URL, ended: Promise<unknown>): Promise<void> {
  const failed = ended.then(() => {
    throw new Error('nginx ended at once; is it installed?')
  })
  const poll = async () => {
    while (!(await fetch(url).then(Boolean, () => false))) await sleep(20)
  }
  await Promise.race([poll(), failed])
  failed.catch(() => {})
}
