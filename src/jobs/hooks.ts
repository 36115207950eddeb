import { spawn } from 'node:child_process'
import { secretVariables } from '../config/secret.ts'
import { isSystemError, oneLine } from '../errors.ts'
import type { Emit } from '../events.ts'
import { type Facts, factsOf } from './facts.ts'
import type { Outcome } from './outcome.ts'

/**
 * Tells a repository's program of a publication or a failure. Whatever comes of it, it is a warning at most.
 * @param signal stops the program too, a little later
 */
export async function callHook(outcome: Outcome, root: string, emit: Emit, signal: AbortSignal): Promise<void> {
  const { hooks, id } = outcome.repo
  const facts = factsOf(outcome)
  const event = facts.error === undefined ? 'publish' : 'failure'
  const program = hooks[event]
  if (program === undefined || facts.result === 'unchanged' || facts.error?.code === 'E_INTERRUPTED') return
  const told = { event, root, ...facts }
  const problem = await run(program, told, hooks.timeoutMs, signal).catch(cannotBeRun)
  if (problem === undefined) return
  emit({ type: 'notice', repo: id, level: 'warn', message: `on_${event}: ${program} ${problem}` })
}

type Told = { event: string; root: string } & Facts

/** How long a program may go on after it was to stop, in milliseconds: a daemon that stops does not wait for it longer. */
const stopMs = 2000

/** Why it went wrong; undefined where it did not. What the program writes goes to our stderr. */
function run(program: string, told: Told, timeoutMs: number, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    // A group of its own, so that what it has started ends with it.
    const child = spawn(program, [], { stdio: ['pipe', 2, 2], env: environmentOf(told), detached: true })
    const kill = (problem: string) => {
      resolve(problem)
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    }
    const killLater = (ms: number, problem: string) => timers.push(setTimeout(() => kill(problem), ms))
    const stop = () => killLater(stopMs, 'was killed as its job was stopped')
    const timers: NodeJS.Timeout[] = []
    killLater(timeoutMs, `did not end within ${timeoutMs / 1000} s and was killed`)
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
    const end = (problem: string | undefined) => {
      for (const timer of timers) clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      resolve(problem)
    }
    child.on('error', (error) => end(cannotBeRun(error)))
    child.on('exit', (status, killed) => end(status === 0 ? undefined : `ended ${killed ?? `with status ${status}`}`))
    // One that does not read what it is told has no less been told.
    child.stdin?.on('error', () => {})
    child.stdin?.end(`${JSON.stringify(told)}\n`)
  })
}

function cannotBeRun(error: Error): string {
  return `cannot be run: ${reasonOf(error)}`
}

function reasonOf(error: Error): string {
  if (isSystemError(error, 'ENOENT')) return 'there is no such file, or not the interpreter that it names'
  return isSystemError(error, 'EACCES') ? 'it is not executable' : error.message
}

/** `MIRROR_EVENT`, `MIRROR_REPO`, ...: each fact, as a shell reads it most easily. */
function environmentOf({ error, ...facts }: Told): NodeJS.ProcessEnv {
  const named = { ...facts, ...(error && { error_code: error.code, error: error.message }) }
  const variables = Object.entries(named).map(([name, value]) => [
    `MIRROR_${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`,
    oneLine(String(value ?? '')),
  ])
  const around = Object.entries(process.env).filter(([name]) => !secretVariables.has(name))
  return { ...Object.fromEntries(around), ...Object.fromEntries(variables) }
}
