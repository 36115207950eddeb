import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** The built program. */
export const program = new URL('../../dist/main.js', import.meta.url).pathname

/** Of the calls of a long operation every so manieth is tried: each one with `MIRROR_TEST_STRIDE=1 npm run test:soak`, in hours. */
export const stride = Number(process.env.MIRROR_TEST_STRIDE ?? 5)

/** The first of them: another one each day, so that in a week each call was tried. */
export function firstTried(step = stride): number {
  return 1 + (Math.floor(Date.now() / 86_400_000) % step)
}

/** A run of the program under strace. */
export interface Traced {
  status: number | null
  stderr: string
}

/** Runs `mirror sync`, or what else is given, under strace with these options; one thread for libuv, so that calls keep their order. */
export async function traceSync(
  configFile: string,
  options: string[],
  args = ['sync', '-c', configFile],
): Promise<Traced> {
  const child = spawn('strace', ['-f', '-qq', ...options, process.execPath, program, ...args], {
    env: { ...process.env, UV_THREADPOOL_SIZE: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const [status] = (await once(child, 'close')) as [number | null]
  return { status, stderr }
}

/**
 * Which calls of one kind concern these folders: their numbers as `when=` counts them, each thread for itself. A whole
 * sync is run to learn that. Numbers that stand for something else in another thread, such as Node's own start, are
 * left out.
 */
export async function callsBelow(
  folders: string[],
  call: string,
  configFile: string,
  log: string,
  args = ['sync', '-c', configFile],
): Promise<number[]> {
  await traceSync(configFile, ['-ff', '-y', '-o', log, '-e', `trace=${call}`], args)
  const below = new Set<number>()
  const elsewhere = new Set<number>()
  for (const name of readdirSync(dirname(log)).filter((name) => name.startsWith(`${basename(log)}.`))) {
    const lines = readFileSync(join(dirname(log), name), 'utf8').split('\n')
    for (const [at, line] of lines.filter((line) => line.startsWith(`${call}(`)).entries())
      (folders.some((folder) => line.includes(folder)) ? below : elsewhere).add(at + 1)
  }
  return [...below.difference(elsewhere)].sort((a, b) => a - b)
}
