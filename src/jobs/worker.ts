import { setMaxListeners } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { exit, fromSystem, MirrorError } from '../errors.ts'
import type { Event } from '../events.ts'
import { recover } from '../publish/recover.ts'
import { attachState, type State } from '../store/state.ts'
import { rememberLook } from '../sync/look.ts'
import { snapshotOf } from '../sync/snapshot.ts'
import { sync } from '../sync/sync.ts'
import { openUpstream } from '../upstream/upstream.ts'
import type { FromWorker, SyncOrder, SyncSummary, ToWorker } from './messages.ts'

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
  let connections = 1
  let ended = false
  process.on('SIGINT', () => {})
  process.on('SIGTERM', interrupt)
  // A parent that is gone has nobody to tell; this is as good as a kill, which is safe at any moment.
  process.on('disconnect', () => {
    if (!ended) process.exit(exit.failed)
  })
  process.on('message', (message: ToWorker) => {
    if (message.type === 'stop') return interrupt()
    connections = message.connections
    if (message.type === 'sync')
      void carryOut(message, () => connections, stop.signal).finally(() => {
        ended = true
        if (process.connected) process.disconnect?.()
      })
  })
}

async function carryOut(order: SyncOrder, connections: () => number, signal: AbortSignal): Promise<void> {
  try {
    tell({ type: 'done', summary: await syncOne(order, connections, signal) })
  } catch (cause) {
    const error = fromSystem(cause)
    const known = error instanceof MirrorError
    const { message, stack } = error as Error
    tell({ type: 'failed', code: known ? error.code : undefined, message, stack: known ? undefined : stack })
  }
}

async function syncOne(order: SyncOrder, connections: () => number, signal: AbortSignal): Promise<SyncSummary> {
  const { repo, places, acceptShrink, overrides } = order
  const state = attachState(places)
  // Time to notice that the parent went while this one came.
  await nextTurn()
  const upstream = await openUpstream(repo, repo.transfer.maxParallelDownloads)
  try {
    recover(state, repo.path)
    const first = snapshotOf(order.snapshot.bytes, order.snapshot.validators)
    const context = { state, upstream, emit: paced(), signal, connections, acceptShrink, overrides }
    const { snapshot, until, ...summary } = await sync(repo, first, context)
    rememberLook(repo, snapshot, state, until)
    return summary
  } catch (error) {
    takeBack(state, repo.path)
    throw error
  } finally {
    await upstream.close()
    state.close()
  }
}

/** What a failed publish prepared is taken back at once; if that fails too, the next start does it. */
function takeBack(state: State, path: string): void {
  try {
    recover(state, path)
  } catch {
    // The error that led here is the one to tell.
  }
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
