import { type ChildProcess, fork } from 'node:child_process'
import { constants, setPriority } from 'node:os'
import { packSecrets, secretVariables } from '../config/secret.ts'
import { MirrorError, unpackError } from '../errors.ts'
import type { Emit } from '../events.ts'
import type { Answers, FromWorker, Order, ToWorker } from './messages.ts'
import type { SetShare } from './shares.ts'

/** How a worker process is run: the program to run it with, and the most heap it may use, in MiB. */
export type WorkerOptions = { program: string; heapMb: number }

/**
 * glibc gives each thread a heap of its own and each keeps what it freed: one heap for all saves a fifth of the memory
 * of a sync, and nobody allocates often enough to wait for it.
 */
const allocator = { MALLOC_ARENA_MAX: '1' }

/** A worker that does not end this long after it was told to stop is killed. */
const stopMs = 8000

/** A small young generation: what a sync throws away is bytes outside the heap, and 70,000 packages have to fit. */
const youngGenerationMb = 4
const nursery = [`--min-semi-space-size=${youngGenerationMb}`, `--max-semi-space-size=${youngGenerationMb}`]

/**
 * Carries an order out in a process of its own, so that a crash or a heap that overflows ends one repository's run
 * and nothing else.
 */
export function runWorker<Kind extends Order['type']>(
  order: Extract<Order, { type: Kind }>,
  { program, heapMb }: WorkerOptions,
  emit: Emit,
  signal: AbortSignal,
  onStart: (setShare: SetShare) => void,
): Promise<Answers[Kind]> {
  const child = fork(program, ['worker'], {
    serialization: 'advanced',
    env: { ...process.env, ...allocator },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: [...process.execArgv, `--max-old-space-size=${heapMb}`, ...nursery],
  })
  lowerPriority(child)
  const tell = (message: ToWorker) => {
    // What a worker that is just ending no longer hears is no failure of its run: its outcome is on the way.
    if (child.connected) child.send(packSecrets(message) as ToWorker, () => {})
  }
  const stop = () => {
    tell({ type: 'stop' })
    setTimeout(() => child.kill('SIGKILL'), stopMs).unref()
  }
  signal.addEventListener('abort', stop, { once: true })
  tell({ ...order, secretVariables: [...secretVariables] })
  if (signal.aborted) stop()
  onStart((connections, perSecond) => tell({ type: 'connections', connections, perSecond }))
  return answer<Answers[Kind]>(child, order.type, emit).finally(() => signal.removeEventListener('abort', stop))
}

/** Syncing yields to serving: with equal priority clients wait six times longer (measured). */
function lowerPriority({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_LOW - 9)
  } catch {
    // Forbidden in some containers; only a matter of courtesy.
  }
}

function answer<Answer>(child: ChildProcess, type: Order['type'], emit: Emit): Promise<Answer> {
  return new Promise((resolve, reject) => {
    child.on('message', (message: FromWorker) => {
      if (message.type === 'event') emit(message.event)
      else if (message.type === 'done') resolve(message.answer as Answer)
      else reject(unpackError(message))
    })
    child.on('error', (cause) =>
      reject(new MirrorError('E_WORKER', `no process could be started: ${cause.message}`, { cause })),
    )
    child.on('exit', (status, killed) => reject(ended(type, status, killed)))
  })
}

function ended(type: Order['type'], status: number | null, killed: NodeJS.Signals | null): MirrorError {
  const how = killed === null ? `with status ${status}` : `by ${killed}`
  const did = type === 'operation' ? 'did' : 'synced'
  const hint = killed === 'SIGABRT' || status === 134 ? '; its heap was full: raise worker_heap' : ''
  return new MirrorError('E_WORKER', `the process that ${did} it ended early, ${how}${hint}`)
}
