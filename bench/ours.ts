import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { WebServer } from './nginx.ts'

/** Serves a folder with this program, as `mirror serve` does it by default; it ends where the `await using` block is left. */
export async function serveByMirror(program: string, folder: string, work: string): Promise<WebServer> {
  const home = join(work, 'mirror')
  mkdirSync(home, { recursive: true })
  const file = join(home, 'mirror.yaml')
  const repos = 'repos:\n  bench: { baseurl: "http://127.0.0.1:9/" }\n'
  writeFileSync(file, `root: ${JSON.stringify(folder)}\nstate: state\nlisten: 127.0.0.1:0\n${repos}`)
  return started(program, 'serve', file)
}

/** Starts a daemon in a folder of its own, with these keys in its configuration; it ends with the `await using` block. */
export async function daemonOf(program: string, home: string, config: object): Promise<WebServer> {
  const file = join(home, 'mirror.yaml')
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ root: 'root', state: 'state', listen: '127.0.0.1:0', ...config }))
  return started(program, 'daemon', file)
}

async function started(program: string, verb: 'serve' | 'daemon', file: string): Promise<WebServer> {
  const child = spawn(program, [verb, '-c', file], { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = once(child, 'exit')
  return {
    url: await said(child.stderr, ended),
    pid: child.pid as number,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}

async function said(stderr: NodeJS.ReadableStream, ended: Promise<unknown>): Promise<string> {
  let text = ''
  const url = new Promise<string>((resolve) => {
    stderr.on('data', (more: Buffer) => {
      text += more.toString()
      const [found] = /http:\/\/\S+/.exec(text) ?? []
      if (found !== undefined) resolve(found)
    })
  })
  const failed = ended.then(() => {
    throw new Error(`mirror ended at once:\n${text}`)
  })
  failed.catch(() => {})
  return Promise.race([url, failed])
}
