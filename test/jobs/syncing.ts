import { join } from 'node:path'
import { loadConfig } from '../../src/config/load.ts'
import type { Config } from '../../src/config/repo.ts'
import type { Event } from '../../src/events.ts'
import type { Outcome } from '../../src/jobs/outcome.ts'
import { type SyncOptions, syncRepos } from '../../src/jobs/sync.ts'
import { makeSite, type Site } from '../helpers/mirror.ts'
import { makeRepository, type PackageSpec } from '../helpers/repository.ts'
import { startUpstream, type Upstream } from '../helpers/upstream.ts'

/** The program that workers run: this project's own. */
export const program = join(import.meta.dirname, '../../src/main.ts')

/** Several repositories on one upstream, synced by worker processes of this process. */
export interface Jobs extends AsyncDisposable {
  site: Site
  upstream: Upstream
  /** Everything that the runs told. */
  events: Event[]
  /** Gives a repository's upstream these packages, and no others. */
  offer(id: string, specs: PackageSpec[]): Promise<void>
  config(settings?: object): Promise<Config>
  /** Syncs all of them; each outcome as `result` or the error's line. */
  run(settings?: object, options?: Partial<SyncOptions>): Promise<Record<string, string>>
}

/** Makes repositories with their packages by id. */
export async function startJobs(repos: Record<string, PackageSpec[]>): Promise<Jobs> {
  const site = await makeSite()
  const events: Event[] = []
  const offer = (id: string, specs: PackageSpec[]) => makeRepository(site.path('upstream', id), specs, { clean: true })
  for (const [id, specs] of Object.entries(repos)) await offer(id, specs)
  const upstream = await startUpstream(site.path('upstream'))
  const config = async (settings: object = {}) => {
    const places = Object.keys(repos).map((id) => [id, { baseurl: `${upstream.url}${id}/` }])
    const defaults = { retries: 1, retry_delay: 0, timeout: 30 }
    await site.writeConfig({ workers: 4, defaults, repos: Object.fromEntries(places), ...settings })
    return loadConfig(site.configFile, { varsFolders: [], basearch: 'x86_64', home: site.dir })
  }
  const run: Jobs['run'] = async (settings, options) => {
    const resolved = await config(settings)
    const outcomes = await syncRepos({
      config: resolved,
      repos: resolved.repos,
      program,
      acceptShrink: false,
      overrides: undefined,
      emit: (event) => events.push(event),
      signal: new AbortController().signal,
      ...options,
    })
    return Object.fromEntries(outcomes.map((outcome) => [outcome.repo.id, inWords(outcome)]))
  }
  const dispose = async () => {
    await upstream.close()
    await site[Symbol.asyncDispose]()
  }
  return { site, upstream, events, offer, config, run, [Symbol.asyncDispose]: dispose }
}

function inWords({ summary, error }: Outcome): string {
  if (summary !== undefined) return summary.result
  return (error as { line?: string }).line ?? String(error)
}
