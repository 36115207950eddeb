import { openAdmin } from '../admin/server.ts'
import type { Config } from '../config/repo.ts'
import { MirrorError, packError } from '../errors.ts'
import type { Log } from '../log.ts'
import { recover } from '../publish/recover.ts'
import { openScheduler } from '../schedule/scheduler.ts'
import { serve } from '../serve/server.ts'
import { statusJson } from '../status/json.ts'
import { openMetrics } from '../status/metrics.ts'
import { report } from '../status/report.ts'
import { openState } from '../store/state.ts'
import { type InForce, inForce } from './inForce.ts'
import { liveOf } from './live.ts'
import { type Notifier, takeNotifier } from './notify.ts'
import { operationsOf } from './operations.ts'
import { pages } from './pages.ts'
import { countRuns, logRuns, openRuns } from './runs.ts'
import { lastRunOf, runDue, timingsOf } from './timetable.ts'

/** What a daemon is started with. */
export type DaemonOptions = {
  config: Config
  /** Reads the configuration again, as the first one was. */
  readConfig(): Promise<Config>
  /** The program that worker processes run: this one. */
  program: string
  log: Log
  /** Ends it: running syncs are stopped, running responses finish. */
  signal: AbortSignal
}

/**
 * Holds the state, serves what is published and syncs what is due or asked for, until it is stopped. What a killed one
 * left behind is settled first.
 * @throws E_BUSY, E_LISTEN, E_ROOT and others of its parts, and then nothing runs
 */
export async function runDaemon(options: DaemonOptions): Promise<void> {
  const { config, program, log, signal } = options
  const notifier = takeNotifier(process.env, log)
  await using stack = new AsyncDisposableStack()
  const state = stack.adopt(openState(config, 'the daemon'), (held) => held.close())
  recover(state)

  const started = Date.now()
  const held = inForce(
    config,
    () => options.readConfig(),
    (fresh) => scheduler.follow(timingsOf(fresh)),
  )
  const queue = stack.adopt(openRuns(held, state, program, log), (runs) => runs.close())
  const scheduler = stack.adopt(
    openScheduler({
      lastRun: (id) => lastRunOf(id, held, state),
      run: (id) => runDue(id, held, queue, log),
    }),
    (clock) => clock.close(),
  )
  const metrics = openMetrics()
  logRuns(queue, log)
  countRuns(queue, metrics)

  const now = () => report(held.config, state.database, liveOf(started, held, queue, scheduler), Date.now())
  const stop = new AbortController()
  stack.defer(() => stop.abort())
  const server = await serve({
    root: config.root,
    listen: config.listen,
    signal: AbortSignal.any([signal, stop.signal]),
    wrap: pages(now, metrics, 'http'),
    onAnswer: ({ status, bytes }) => metrics.answered(status, bytes),
  })
  const status = () => JSON.parse(statusJson(now())) as unknown
  const operations = operationsOf({ inForce: held, queue, database: state.database, status })
  const admin = stack.adopt(await openAdmin(config.admin, operations, (bug) => log.error(bugText(bug))), (api) =>
    api.close(),
  )

  const serving = `serving ${config.repos.length} repositories at ${server.url}`
  log.info(`${serving}; asked at ${[config.admin.socket, admin.url].filter((place) => place !== undefined).join(', ')}`)
  const unhang = onHangup(() => reloadOn(held, notifier, log, serving))
  stack.defer(unhang)
  scheduler.follow(timingsOf(config))
  notifier.ready(serving)
  await stopped(signal)
  notifier.stopping('finishing what is under way')
  log.info('stopping: running syncs are stopped, finished downloads are kept')
  await Promise.all([queue.close(), server.closed])
}

function onHangup(reload: () => Promise<void>): () => void {
  const hangup = () => void reload()
  process.on('SIGHUP', hangup)
  return () => void process.off('SIGHUP', hangup)
}

/** Reads the configuration again; a broken one is told, line by line, and nothing changes. */
async function reloadOn(held: InForce, notifier: Notifier, log: Log, serving: string): Promise<void> {
  notifier.reloading()
  try {
    const { file, repos } = await held.reload()
    log.info(`reloaded ${file}: ${repos.length} repositories`)
  } catch (error) {
    const lines = (error as { lines?: string[] }).lines ?? [error instanceof MirrorError ? error.line : bugText(error)]
    for (const line of lines) log.error(line)
    log.error(`${held.config.file} was not reloaded; what was configured before still holds`)
  }
  notifier.ready(serving)
}

function stopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

function bugText(error: unknown): string {
  const { message, stack } = packError(error)
  return `E_BUG: ${stack ?? message}`
}
