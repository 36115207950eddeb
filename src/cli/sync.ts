import { loadConfig } from '../config/load.ts'
import type { Config } from '../config/repo.ts'
import { exit, exitStatus, MirrorError } from '../errors.ts'
import { type Outcome, syncRepos } from '../jobs/sync.ts'
import type { Log } from '../log.ts'
import { bytesText, countText } from './amounts.ts'
import { type Overriding, override } from './overrides.ts'
import { showPlans } from './plans.ts'
import { openDisplay } from './progress.ts'
import { chooseRepos } from './repos.ts'
import { formatTable } from './table.ts'
import type { Verb, VerbContext } from './verb.ts'

type SyncFlags = Overriding & {
  urls?: boolean
  dryRun?: boolean
  workers?: string
  acceptShrink?: boolean
  json?: boolean
}

/** `mirror sync`: bring repositories to their upstreams' newest state and publish them. */
export const syncVerb: Verb<SyncFlags> = {
  name: 'sync',
  help: 'bring repositories up to date with their upstreams and publish them',
  arguments: { name: '[repo...]', help: 'ids or globs of repositories (default: all)' },
  options: [
    { flags: '-n, --newest-only', help: 'only the newest version of each package, for this run' },
    { flags: '-a, --arch <arch>', help: 'only packages of these archs and noarch, for this run', list: true },
    { flags: '--source', help: 'only source packages, for this run' },
    { flags: '--delete', help: 'drop what the upstream has dropped, whatever `removed:` says' },
    { flags: '-u, --urls', help: 'print the URLs of the selected packages and fetch none' },
    { flags: '--dry-run', help: 'print what would be fetched and fetch no package' },
    { flags: '--workers <count>', help: 'repositories that are synced at once' },
    { flags: '--accept-shrink', help: 'publish although the upstream lost most of its packages' },
    { flags: '--json', help: 'print the result as JSON' },
  ],
  examples: ['mirror sync', 'mirror sync --newest-only appstream', 'mirror sync --dry-run "centos-*"'],
  async run(operands, flags, context) {
    const config = withWorkers(await loadConfig(context.configFile), flags.workers)
    for (const warning of config.warnings) context.log.warn(warning)
    const { repos, overrides } = override(chooseRepos(config, operands), flags)
    if (flags.urls === true || flags.dryRun === true) return await showPlans(config, repos, flags, context)
    const outcomes = await syncAndReport(
      { config, repos, overrides, acceptShrink: flags.acceptShrink === true },
      context,
    )
    process.stdout.write(flags.json === true ? jsonReport(outcomes) : tableReport(outcomes))
    return statusOf(outcomes)
  },
}

type Order = Pick<Parameters<typeof syncRepos>[0], 'config' | 'repos' | 'overrides' | 'acceptShrink'>

/** Syncs with progress shown; what failed is told in one line each. */
export async function syncAndReport(
  order: Order,
  { log, logFormat, program, signal }: VerbContext,
): Promise<Outcome[]> {
  const display = openDisplay(log, logFormat)
  try {
    if (order.overrides !== undefined)
      log.warn(`this run selects by ${order.overrides}, not as ${order.config.file} says`)
    const outcomes = await syncRepos({ ...order, program, signal, emit: (event) => display.emit(event) })
    display.close()
    for (const outcome of outcomes) report(outcome, log)
    return outcomes
  } finally {
    display.close()
  }
}

function withWorkers(config: Config, workers: string | undefined): Config {
  if (workers === undefined) return config
  if (!/^[1-9]\d{0,2}$/.test(workers))
    throw new MirrorError('E_USAGE', `--workers ${workers}: a number from 1 to 999 is expected`)
  return { ...config, workers: Number(workers) }
}

function report({ repo, error, served }: Outcome, log: Log): void {
  if (error === undefined) return
  const after = served === undefined ? 'nothing is served yet' : `generation ${served} is still served`
  log.error(`${error instanceof MirrorError ? error.line : bugText(repo.id, error)}; ${after}`)
}

/** A bug keeps its stack. */
function bugText(repo: string, error: unknown): string {
  return `E_BUG ${repo}: ${error instanceof Error ? error.stack : JSON.stringify(error)}`
}

/** The exit status of a whole sync: the worst of its repositories'. */
export function statusOf(outcomes: readonly Outcome[]): number {
  const statuses = new Set(outcomes.filter(({ error }) => error !== undefined).map(({ error }) => exitStatus(error)))
  return [exit.usage, exit.busy, exit.failed, exit.degraded].find((status) => statuses.has(status)) ?? exit.done
}

function resultOf({ summary, error }: Outcome): string {
  if (summary !== undefined) return summary.result === 'unchanged' ? 'unchanged' : `generation ${summary.generation}`
  return error instanceof MirrorError ? error.code : 'E_BUG'
}

const columns = [
  { heading: 'repository' },
  { heading: 'packages', number: true },
  { heading: 'added', number: true },
  { heading: 'removed', number: true },
  { heading: 'fetched', number: true },
  { heading: 'seconds', number: true },
  { heading: 'result' },
]

function tableReport(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map((outcome) => {
    const { repo, seconds, summary } = outcome
    const counts =
      summary === undefined
        ? ['-', '-', '-', '-']
        : [countText(summary.packages), countText(summary.added), countText(summary.removed), bytesText(summary.bytes)]
    return [repo.id, ...counts, seconds.toFixed(1), resultOf(outcome)]
  })
  return formatTable(columns, rows)
}

function jsonReport(outcomes: readonly Outcome[]): string {
  const repos = outcomes.map(({ repo, seconds, summary, error, served }) => ({
    repo: repo.id,
    path: repo.path,
    result: summary?.result ?? 'failed',
    generation: served ?? null,
    ...(summary && {
      packages: summary.packages,
      added: summary.added,
      removed: summary.removed,
      bytes: summary.bytes,
    }),
    seconds,
    ...(error instanceof Error && {
      error: { code: error instanceof MirrorError ? error.code : 'E_BUG', message: error.message },
    }),
  }))
  return `${JSON.stringify({ repos }, null, 2)}\n`
}
