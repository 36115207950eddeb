import { setMaxListeners } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { secretVariables, unpackSecrets } from '../config/secret.ts'
import { exit, MirrorError, packError } from '../errors.ts'
import type { Event } from '../events.ts'
import { attachState } from '../store/state.ts'
import { editionOf } from '../sync/edition.ts'
import { carryOut as operate } from './carryOut.ts'
import type { Answers, FromWorker, Order, RunOrder, RunSummary, SyncSummary, ToWorker } from './messages.ts'
import { planRepo } from './plan.ts'
import { runRepo } from './run.ts'
import { syncTo, type Using } from './syncTo.ts'
import { tidy } from './tidy.ts'

/** Progress is told ten times a second at most. */
const progressMs = 100

/**
 * The life of a worker process: takes one order from its parent, carries it out, tells how it ended. It stops when
 * it is told to, and ends at once when its parent is gone.
 */
export function work(): void {
  const stop = new AbortController()
  setMaxListeners(0, stop.signal)
  const interrupt = () =>
    stop.abort(new MirrorError('E_INTERRUPTED', 'stopped before it was done; finished downloads are kept'))
  const share: Share = { connections: 1, perSecond: undefined }
  let ended = false
  for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {})
  process.on('SIGTERM', interrupt)
  // A parent that is gone has nobody to tell; this is as good as a kill, which is safe at any moment.
  process.on('disconnect', () => {
    if (!ended) process.exit(exit.failed)
  })
  process.on('message', (message: ToWorker) => {
    if (message.type === 'stop') return interrupt()
    if ('connections' in message) share.connections = message.connections
    if (message.type === 'connections') share.perSecond = message.perSecond
    if (message.type === 'connections') return
    for (const name of message.secretVariables ?? []) secretVariables.add(name)
    void carryOut(unpackSecrets(message), share, stop.signal).finally(() => {
      ended = true
      if (process.connected) process.disconnect?.()
    })
  })
}

/** What this process may have now of a host's connections and, in bytes per second, of the bandwidth. */
type Share = { connections: number; perSecond: number | undefined }

async function carryOut(order: Order, share: Share, signal: AbortSignal): Promise<void> {
  try {
    tell({ type: 'done', answer: await answerTo(order, share, signal) })
  } catch (error) {
    tell({ type: 'failed', ...packError(error) })
  }
}

async function answerTo(order: Order, share: Share, signal: AbortSignal): Promise<Answers[Order['type']]> {
  const state = attachState(order.places)
  try {
    // Time to notice that the parent went while this one came.
    await nextTurn()
    if (order.type === 'sweep') return tidy(state, order)
    const shares = { connections: () => share.connections, perSecond: () => share.perSecond }
    const using = { state, emit: paced(), signal, ...shares }
    if (order.type === 'operation') return await operate(order.asking, { ...order, ...using, program: own() })
    if (order.type === 'run') return await run(order, using)
    if (order.type === 'plan') return await planRepo(order.repo, { ...order, ...using, program: own() })
    return await syncTo(order.repo, editionOf(order.edition), order, using)
  } finally {
    state.close()
  }
}

/** The program that this process and its reading threads run. */
function own(): string {
  return process.argv[1] as string
}

/** The whole run in this process: whoever serves clients meanwhile does not wait for a look or a row. */
async function run({ repo, ...order }: RunOrder, using: Using): Promise<RunSummary> {
  const running = { ...order, ...using, program: own() }
  const outcome = await runRepo(repo, {
    ...running,
    syncTo: (upstream, edition) => syncTo(upstream, edition, order, using),
  })
  if (outcome.error !== undefined) throw outcome.error
  return { ...(outcome.summary as SyncSummary), leftOut: outcome.leftOut }
}

/** Passes events to the parent: every stage, and progress within one no more often than it can be watched. */
function paced(): (event: Event) => void {
  let last = 0
  let stage: string | undefined
  return (event) => {
    if (event.type === 'progress') {
      const now = performance.now()
      if (now - last < progressMs && event.progress.stage === stage) return
      last = now
      stage = event.progress.stage
    }
    tell({ type: 'event', event })
  }
}

function tell(message: FromWorker): void {
  if (process.connected) process.send?.(message)
}
