import { setMaxListeners } from 'node:events'
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'
import { isMainThread, workerData } from 'node:worker_threads'
import { exit, exitStatus, fromSystem, isSystemError, MirrorError } from './errors.ts'
import { priorities, stderrLine } from './journal.ts'

// Beside the built program, in its owner's hands: a shared folder's cache could be anybody's code.
if (import.meta.url.endsWith('/dist/main.js')) enableCompileCache(fileURLToPath(new URL('.cache', import.meta.url)))

// What is published is for everybody to read, whatever the shell that started this thinks of new files.
if (isMainThread) process.umask(0o022)

if (!isMainThread && (workerData as { hashing?: true }).hashing === true) {
  const { answerHashes } = await import('./store/hashing/thread.ts')
  answerHashes()
} else if (!isMainThread) {
  const { answerReads } = await import('./createrepo/read/thread.ts')
  answerReads()
} else if (process.argv[2] === 'worker' && process.send !== undefined) {
  const { work } = await import('./jobs/worker.ts')
  work()
} else {
  process.exitCode = await main()
}

async function main(): Promise<number> {
  const stop = new AbortController()
  setMaxListeners(0, stop.signal)
  let interrupted: number | undefined
  const interrupt = (status: number) => () => {
    // The second signal does not wait for anything.
    if (interrupted !== undefined) process.exit(status)
    interrupted = status
    stop.abort(new MirrorError('E_INTERRUPTED', 'stopped by a signal; finished downloads are kept'))
  }
  process.on('SIGINT', interrupt(exit.sigint))
  process.stdout.on('error', leave)
  // A log that cannot be kept, on a disk that is full, ends no work.
  process.stderr.on('error', (error) => isSystemError(error, 'EPIPE') && leave(error))
  process.on('SIGTERM', interrupt(exit.sigterm))
  try {
    const { runProgram } = await import('./cli/program.ts')
    const status = await runProgram(process.argv.slice(2), {
      signal: stop.signal,
      program: fileURLToPath(import.meta.url),
    })
    return interrupted === undefined || status === exit.done ? status : interrupted
  } catch (error) {
    return interrupted ?? tell(error)
  }
}

/** Whoever read the output has gone, as `head` does: no reason for a stack. */
function leave(error: NodeJS.ErrnoException): void {
  process.exit(error.code === 'EPIPE' ? exit.sigpipe : exit.failed)
}

function tell(cause: unknown): number {
  const error = fromSystem(cause)
  if (!(error instanceof MirrorError)) {
    process.stderr.write(stderrLine(`E_BUG: ${(error as Error).stack ?? String(error)}`, priorities.fatal))
    return exit.failed
  }
  const lines = (error as { lines?: string[] }).lines ?? [error.line]
  process.stderr.write(lines.map((line) => stderrLine(line, priorities.error)).join(''))
  return exitStatus(error)
}
