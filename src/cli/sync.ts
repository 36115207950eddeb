import type { SyncRequest } from '../admin/operations.ts'
import { chooseSynced } from '../config/choose.ts'
import type { Config } from '../config/repo.ts'
import { MirrorError } from '../errors.ts'
import { type Overriding, override } from '../jobs/overrides.ts'
import type { Verb } from './verb.ts'

type SyncFlags = Overriding & {
  urls?: boolean
  dryRun?: boolean
  workers?: string
  acceptShrink?: boolean
  acceptRollback?: boolean
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
    { flags: '--min-buildtime <day>', help: 'only packages built since, such as 2024-01-31 (UTC), for this run' },
    { flags: '--delete', help: 'drop what the upstream has dropped, whatever `removed:` says' },
    { flags: '-u, --urls', help: 'print the URLs of the selected packages and fetch none' },
    { flags: '--dry-run', help: 'print what would be fetched and fetch no package' },
    { flags: '--workers <count>', help: 'repositories that are synced at once' },
    { flags: '--accept-shrink', help: 'publish although the upstream lost most of its packages' },
    { flags: '--accept-rollback', help: 'publish although the upstream went back to an older state' },
    { flags: '--json', help: 'print the result as JSON' },
  ],
  examples: ['mirror sync', 'mirror sync --newest-only appstream', 'mirror sync --dry-run "centos-*"'],
  async run(operands, flags, context) {
    const { readConfig } = await import('./configuration.ts')
    const { findDaemon } = await import('../admin/client.ts')
    const config = withWorkers(await readConfig(context), flags.workers)
    const form = flags.json === true ? 'json' : 'table'
    const daemon = await findDaemon(config.admin.socket)
    const { repos, overrides } = override(chooseSynced(config, operands), flags)
    const request = requestOf(operands, flags)
    if (flags.urls === true || flags.dryRun === true) {
      const { askForPlans, showPlans } = await import('./plans.ts')
      if (daemon !== undefined) return await askForPlans(daemon, request, flags, context)
      return await showPlans(config, repos, flags, context)
    }
    if (daemon !== undefined) {
      const { askForSync } = await import('./asked.ts')
      return await askForSync(daemon, request, form, context)
    }
    const { runSync } = await import('./running.ts')
    const { acceptShrink = false, acceptRollback } = flags
    const order = { config, repos, overrides, acceptShrink, acceptRollback }
    return await runSync(order, form, context)
  },
}

function requestOf(repos: string[], flags: SyncFlags): SyncRequest {
  const { newestOnly, arch, source, minBuildtime, delete: drop, acceptShrink, acceptRollback } = flags
  const accepting = { acceptShrink, acceptRollback }
  return { repos, ...defined({ newestOnly, arch, source, minBuildtime, delete: drop, ...accepting }) }
}

function defined<T extends object>(values: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never
}

function withWorkers(config: Config, workers: string | undefined): Config {
  if (workers === undefined) return config
  if (!/^[1-9]\d{0,2}$/.test(workers))
    throw new MirrorError('E_USAGE', `--workers ${workers}: a number from 1 to 999 is expected`)
  return { ...config, workers: Number(workers) }
}
