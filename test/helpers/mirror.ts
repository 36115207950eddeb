import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'

export { makeSite, type Site } from './site.ts'

export interface MirrorOptions {
  /** Default: the project's folder. */
  cwd?: string
  /** On top of this process's environment; undefined removes a variable. */
  env?: Record<string, string | undefined>
  /** A run that takes longer is killed and is an error (default 60 s). */
  timeoutMs?: number
  /** Ends the program with SIGTERM. */
  signal?: AbortSignal
  onStderr?: (text: string) => void
  /** What is run in place of Node.js with the program's own file. */
  command?: readonly [string, ...string[]]
}

/** How the program ended; `status` is null where `signal` ended it. */
export interface MirrorResult {
  status: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
  durationMs: number
}

/** The program while it runs; it is killed where the `await using` block is left. */
export interface RunningMirror extends AsyncDisposable {
  child: ChildProcess
  /** What it has written so far. */
  output: { stdout: string; stderr: string }
  ended: Promise<MirrorResult>
  /** Resolves when stdout or stderr holds a match, throws if the program ends without one. */
  says(pattern: RegExp): Promise<RegExpExecArray>
}

/** Runs the real program to its end: from src/, or with MIRROR_TEST_DIST=1 what is built in dist/. */
export async function runMirror(args: string[], options: MirrorOptions = {}): Promise<MirrorResult> {
  await using running = spawnMirror(args, options)
  const timeoutMs = options.timeoutMs ?? 60_000
  const timer = setTimeout(() => running.child.kill('SIGKILL'), timeoutMs)
  const result = await running.ended
  clearTimeout(timer)
  if (result.durationMs < timeoutMs) return result
  throw new Error(`mirror ${args.join(' ')} did not end within ${timeoutMs} ms and was killed\n${result.stderr}`)
}

/** Starts the real program, for tests that talk to it or kill it. */
export function spawnMirror(args: string[], options: Omit<MirrorOptions, 'timeoutMs'> = {}): RunningMirror {
  const started = performance.now()
  const { cwd = project, env, signal, command = [process.execPath, join(project, entry())] } = options
  const [program, ...before] = command
  const child = spawn(program, [...before, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text
    options.onStderr?.(text)
  })
  signal?.addEventListener('abort', () => child.kill('SIGTERM'), { once: true })
  const ended = resultOf(child, output, started)
  return {
    child,
    output,
    ended,
    says: (pattern) => says(child, output, pattern),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

const project = join(import.meta.dirname, '../..')

function entry(): string {
  return process.env.MIRROR_TEST_DIST === '1' ? 'dist/main.js' : 'src/main.ts'
}

async function resultOf(child: ChildProcess, output: MirrorOutput, started: number): Promise<MirrorResult> {
  const [status, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { status, signal, ...output, durationMs: performance.now() - started }
}

type MirrorOutput = RunningMirror['output']

async function says(child: ChildProcess, output: MirrorOutput, pattern: RegExp): Promise<RegExpExecArray> {
  const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>()
  const look = () => {
    const match = pattern.exec(output.stdout) ?? pattern.exec(output.stderr)
    if (match) resolve(match)
  }
  const giveUp = () => reject(new Error(`mirror ended without saying ${pattern}\n${output.stdout}${output.stderr}`))
  child.stdout?.on('data', look)
  child.stderr?.on('data', look)
  child.once('close', giveUp)
  look()
  if (child.exitCode !== null || child.signalCode !== null) setImmediate(giveUp)
  try {
    return await promise
  } finally {
    child.stdout?.off('data', look)
    child.stderr?.off('data', look)
    child.off('close', giveUp)
  }
}
