import { spawn } from 'node:child_process'
import { Duplex } from 'node:stream'
import { isSystemError, MirrorError } from '../errors.ts'

/**
 * A program as a stream: what is written goes to its stdin, what it prints is read. The stream ends when the program
 * has ended well; it fails when the program does, and destroying it ends the program.
 * @param command its name on PATH
 * @throws E_CONFIG (as the stream's error) where it is not installed, E_IO with what it said where it failed
 */
export function throughProgram(command: string, args: readonly string[]): Duplex {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  let said = ''
  const stream = new Duplex({
    // A write that fails is no news of its own: the program has ended, and 'close' tells how.
    write: (block, _, done) => child.stdin.write(block, (error) => error ?? done()),
    final: (done) => child.stdin.end(done),
    read: () => child.stdout.resume(),
    destroy: (error, done) => {
      child.kill('SIGKILL')
      done(error)
    },
  })
  child.stdin.on('error', () => {})
  child.stdout.on('data', (block) => stream.push(block) || child.stdout.pause())
  child.stderr.on('data', (text: Buffer) => (said = (said + text.toString()).slice(0, 1000)))
  child.on('error', (error) => stream.destroy(notStarted(command, error)))
  child.on('close', (status, signal) => {
    if (status === 0) stream.push(null)
    else stream.destroy(failed(command, signal ?? `status ${status}`, said))
  })
  return stream
}

function notStarted(command: string, cause: Error): MirrorError {
  const isMissing = isSystemError(cause, 'ENOENT')
  const reason = isMissing
    ? 'is not installed; install it, or choose gz or zstd'
    : `cannot be started: ${cause.message}`
  return new MirrorError('E_CONFIG', `${command} ${reason}`, { cause })
}

function failed(command: string, how: string, said: string): MirrorError {
  return new MirrorError('E_IO', `${command} failed (${how})${said && `: ${said.trim()}`}; run again`)
}
