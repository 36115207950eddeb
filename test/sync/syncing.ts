import { join } from 'node:path'
import { loadConfig } from '../../src/config/load.ts'
import type { Repo } from '../../src/config/repo.ts'
import { repoRow } from '../../src/store/generations.ts'
import type { State } from '../../src/store/state.ts'
import { look, rememberLook } from '../../src/sync/look.ts'
import type { SyncResult } from '../../src/sync/publishPlan.ts'
import type { SyncContext } from '../../src/sync/run.ts'
import { sync } from '../../src/sync/sync.ts'
import { rememberAccepted } from '../../src/sync/trust/judge.ts'
import { openUpstream } from '../../src/upstream/upstream.ts'
import { checkTree } from '../helpers/checker.ts'
import type { Site } from '../helpers/mirror.ts'
import { makeRepository, type PackageSpec, type RepositoryOptions } from '../helpers/repository.ts'
import { startUpstream, type Upstream } from '../helpers/upstream.ts'
import { openNewState } from '../store/opened.ts'

/** One repository with its upstream, synced in this process as a worker does it. */
export interface Syncing extends AsyncDisposable {
  site: Site
  state: State
  upstream: Upstream
  /** The upstream's folder. */
  dir: string
  /** The published folder. */
  tree: string
  /** What runs said besides their progress, as `level: message`. */
  notices: string[]
  /** Gives the upstream these packages, and no others. */
  offer(specs: PackageSpec[], options?: RepositoryOptions): Promise<void>
  /** The repository with these settings, written as in the configuration. */
  repo(settings?: object): Promise<Repo>
  /** One run; undefined where a look shows that there is nothing to do. */
  run(settings?: object, context?: Partial<SyncContext>): Promise<SyncResult | undefined>
  /** Everything that a client finds wrong with what is published, and the hrefs that it sees. */
  check(): Promise<{ problems: string[]; hrefs: string[] }>
}

/** Starts an upstream with packages and opens a state, until the end of the `await using` block. */
export async function startSyncing(specs: PackageSpec[] = [], options: RepositoryOptions = {}): Promise<Syncing> {
  const { site, state, [Symbol.asyncDispose]: close } = await openNewState()
  const dir = site.path('upstream')
  const tree = join(site.root, 'base')
  await makeRepository(dir, specs, options)
  const upstream = await startUpstream(dir)
  const notices: string[] = []
  const repo = (settings: object = {}) => loadRepo(site, { baseurl: upstream.url, ...settings })
  return {
    site,
    state,
    upstream,
    dir,
    tree,
    notices,
    repo,
    offer: (next, how) => makeRepository(dir, next, { clean: true, ...how }),
    run: async (settings, context) => runOnce(await repo(settings), state, notices, context),
    check: async () => {
      const { problems, packages } = await checkTree(tree)
      return { problems, hrefs: packages.map(({ href }) => href).sort() }
    },
    [Symbol.asyncDispose]: async () => {
      await upstream.close()
      await close()
    },
  }
}

async function loadRepo(site: Site, settings: object): Promise<Repo> {
  const quick = { retries: 2, retry_delay: 0, timeout: 5 }
  await site.writeConfig({ defaults: quick, repos: { base: settings } })
  const host = { varsFolders: [], basearch: 'x86_64', home: site.dir }
  const { repos } = await loadConfig(site.configFile, host)
  return repos[0] as Repo
}

/** One run of a repository in this process: a look, and a sync where that shows something to do. */
export async function runOnce(repo: Repo, state: State, notices: string[], given: Partial<SyncContext> = {}) {
  const upstream = given.upstream ?? (await openUpstream(repo, 4))
  const { signal = new AbortController().signal } = given
  const context: SyncContext = {
    state,
    upstream,
    emit: (event) => {
      if (event.type === 'notice') notices.push(`${event.level}: ${event.message}`)
    },
    signal,
    connections: () => 4,
    acceptShrink: false,
    overrides: undefined,
    ...given,
  }
  try {
    const first = await look(repo, upstream, context)
    if (first === undefined) return undefined
    const result = await sync(repo, first, context)
    rememberLook(repo, result.edition, state, result.until)
    rememberAccepted(result.edition, { repo, row: repoRow(state.database, repo), state })
    return result
  } finally {
    await upstream.close()
  }
}
