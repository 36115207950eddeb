import { spawn } from 'node:child_process'
import { withoutSecrets } from '../config/secret.ts'
import { isSystemError, oneLine } from '../errors.ts'

/** A fact in plain values. */
export type Fact = string | number | null | undefined

/** How long a program may go on after it was to stop, in milliseconds: a daemon that stops does not wait for it longer. */
const stopMs = 2000

/**
 * Runs a program of the operator's, without a shell and in a group of its own, with facts as JSON on stdin and one by one
 * in the environment. What it writes goes to our stderr.
 * @param signal stops the program too, a little later
 * @returns why it went wrong; undefined where it did not
 */
export function runProgram(
  program: string,
  told: object,
  environment: Record<string, Fact>,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<string | undefined> {
  return new Promise((resolve) => {
    // A group of its own, so that what it has started ends with it.
    const child = spawn(program, [], { stdio: ['pipe', 2, 2], env: environmentOf(environment), detached: true })
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

/** Why a program did not even begin. */
export function cannotBeRun(error: Error): string {
  return `cannot be run: ${reasonOf(error)}`
}

function reasonOf(error: Error): string {
  if (isSystemError(error, 'ENOENT')) return 'there is no such file, or not the interpreter that it names'
  return isSystemError(error, 'EACCES') ? 'it is not executable' : error.message
}

/** `MIRROR_EVENT`, `MIRROR_REPO`, ...: each fact, as a shell reads it most easily. */
function environmentOf(named: Record<string, Fact>): NodeJS.ProcessEnv {
  const variables = Object.entries(named).map(([name, value]) => [
    `MIRROR_${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`,
    oneLine(String(value ?? '')),
  ])
  return { ...withoutSecrets(), ...Object.fromEntries(variables) }
}
