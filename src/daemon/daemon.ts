import { openAdmin } from '../admin/server.ts'
import { packError } from '../errors.ts'
import { recover } from '../publish/recover.ts'
import { serveOptions } from '../serve/options.ts'
import { serve } from '../serve/server.ts'
import { statusJson } from '../status/json.ts'
import { openMetrics } from '../status/metrics.ts'
import { report } from '../status/report.ts'
import { openState } from '../store/state.ts'
import { liveOf } from './live.ts'
import { takeNotifier } from './notify.ts'
import { operationsOf } from './operations.ts'
import type { DaemonOptions } from './options.ts'
import { pages } from './pages.ts'
import { takePassedSocket } from './passed.ts'
import { reload } from './reload.ts'
import { repoFiles } from './repoFiles.ts'
import { countRuns, logRuns } from './runs.ts'
import { openSyncing } from './syncing.ts'

/**
 * Holds the state, serves what is published and syncs what is due or asked for, until it is stopped. What a killed one
 * left behind is settled first.
 * @throws E_BUSY, E_LISTEN, E_ROOT and others of its parts, and then nothing runs
 */
export async function runDaemon(options: DaemonOptions): Promise<void> {
  const { config, log, signal } = options
  const notifier = takeNotifier(process.env, log)
  const passed = takePassedSocket(process.env)
  await using stack = new AsyncDisposableStack()
  const state = stack.adopt(openState(config, 'the daemon'), (held) => held.close())
  recover(state)

  const syncing = stack.adopt(openSyncing(options, state), ({ close }) => close())
  const { held, queue, scheduler } = syncing
  const metrics = openMetrics()
  logRuns(queue, log)
  countRuns(queue, metrics)

  const started = Date.now()
  const now = () => report(held.config, state.database, liveOf(started, held, queue, scheduler), Date.now())
  const stop = new AbortController()
  stack.defer(() => stop.abort())
  const asConfigured = serveOptions(config, (message) => log.warn(message))
  const scheme = asConfigured.tls === undefined ? 'http' : 'https'
  const server = await serve({
    ...asConfigured,
    listen: passed ?? config.listen,
    signal: AbortSignal.any([signal, stop.signal]),
    wrap: (files) => pages(now, metrics, scheme)(repoFiles(() => held.config, scheme)(files)),
    onAnswer: ({ status, bytes }) => metrics.answered(status, bytes),
  })

  const serving = `serving ${config.root} at ${server.url}`
  const reloading = () => reload({ held, notifier, log, serving }, ({ serving: rules }) => server.reload(rules))
  const status = () => JSON.parse(statusJson(now())) as unknown
  const operations = operationsOf({ ...syncing, database: state.database, status, reload: reloading })
  const admin = stack.adopt(await openAdmin(config.admin, operations, (bug) => log.error(bugText(bug))), (api) =>
    api.close(),
  )
  stack.defer(onHangup(reloading))

  log.info(`${serving} (the status page), asked at ${[config.admin.socket, ...admin.urls].join(' and ')}`)
  syncing.begin()
  notifier.ready(serving)
  await aborted(signal)
  notifier.stopping('finishing what is under way')
  log.info('stopping: running syncs are stopped, finished downloads are kept')
  await Promise.all([queue.close(), server.closed])
}

/** At SIGHUP, until the function that is returned is called. What is wrong was told. */
function onHangup(reloading: () => Promise<unknown>): () => void {
  const hangup = () => void reloading().catch(() => {})
  process.on('SIGHUP', hangup)
  return () => void process.off('SIGHUP', hangup)
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

function bugText(error: unknown): string {
  const { message, stack } = packError(error)
  return `E_BUG: ${stack ?? message}`
}
