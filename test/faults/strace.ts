import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

const main = new URL('../../dist/main.js', import.meta.url).pathname

/** A sync that ran under strace. */
export interface Traced {
  status: number | null
  stderr: string
}

/** Runs `mirror sync` under strace with these options; one thread for libuv, so that calls keep their order. */
export async function traceSync(configFile: string, options: string[]): Promise<Traced> {
  const child = spawn('strace', ['-f', '-qq', ...options, process.execPath, main, 'sync', '-c', configFile], {
    env: { ...process.env, UV_THREADPOOL_SIZE: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const [status] = (await once(child, 'close')) as [number | null]
  return { status, stderr }
}

/**
 * Which calls of one kind concern a folder: their numbers as `when=` counts them, each thread for itself. A whole sync
 * is run to learn that.
 */
export async function callsBelow(folder: string, call: string, configFile: string, log: string): Promise<number[]> {
  await traceSync(configFile, ['-ff', '-y', '-o', log, '-e', `trace=${call}`])
  const threads = readdirSync(dirname(log)).filter((name) => name.startsWith(`${basename(log)}.`))
  const numbers = new Set<number>()
  for (const thread of threads) {
    const calls = readFileSync(join(dirname(log), thread), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith(`${call}(`))
    for (const [at, line] of calls.entries()) if (line.includes(folder)) numbers.add(at + 1)
  }
  return [...numbers].sort((a, b) => a - b)
}
