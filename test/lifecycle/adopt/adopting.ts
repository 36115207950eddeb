import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { loadConfig } from '../../../src/config/load.ts'
import { type AdoptArguments, adoptHere } from '../../../src/jobs/adopt.ts'
import { openState } from '../../../src/store/state.ts'
import { look, rememberLook } from '../../../src/sync/look.ts'
import { sync } from '../../../src/sync/sync.ts'
import { openUpstream } from '../../../src/upstream/upstream.ts'
import { makeSite, type Site } from '../../helpers/mirror.ts'
import { type RpmSpec, writeRpm } from '../../helpers/rpmfile.ts'
import { startUpstream, type Upstream } from '../../helpers/upstream.ts'
import { program } from '../../jobs/syncing.ts'

/** A folder that other programs have made, beside a mirror of the same upstream. */
export interface Adopting extends AsyncDisposable {
  site: Site
  /** The folder. */
  old: string
  upstream: Upstream
  put(path: string, content: RpmSpec | Buffer): Promise<string>
  /** Makes the folder's metadata, as people have always done. */
  createrepo(...flags: string[]): void
  /** Adopts the folder: its answer, or the error's line, and notices behind it. */
  adopt(options?: Partial<AdoptArguments>): Promise<{ answer: unknown; notices: string[] }>
  /** Syncs `base` from the upstream; how many packages were asked for over the network. */
  sync(): Promise<number>
}

/** The upstream's folder `upstream` has the same packages as the old one; `settings` are those of `base`. */
export async function startAdopting(packages: Record<string, RpmSpec>, settings: object = {}): Promise<Adopting> {
  const site = await makeSite()
  const old = site.path('old')
  for (const [path, spec] of Object.entries(packages)) {
    await writeRpm(old, path, spec)
    await writeRpm(site.path('upstream'), path, spec)
  }
  execFileSync('createrepo_c', ['-q', site.path('upstream')])
  const upstream = await startUpstream(site.path('upstream'))
  await site.writeConfig({ repos: { base: { baseurl: upstream.url, ...settings } } })
  const config = () => loadConfig(site.configFile, { varsFolders: [], basearch: 'x86_64', home: site.dir })
  const { signal } = new AbortController()
  return {
    site,
    old,
    upstream,
    put: (path, content) => writeRpm(old, path, content),
    createrepo: (...flags) => void execFileSync('createrepo_c', ['-q', ...flags, old]),
    async adopt(options = {}) {
      const notices: string[] = []
      const state = openState(site, 'a test')
      try {
        const emit = (event: { type: string; message?: string }) => {
          if (event.type === 'notice') notices.push(String(event.message))
        }
        const given = { folder: old, as: null, take: false, ...options }
        const surroundings = { state, config: await config(), emit, signal, program, by: 'a test' }
        return { answer: await adoptHere({ ...surroundings, arguments: given }), notices }
      } catch (error) {
        return { answer: (error as { line?: string }).line ?? String((error as Error).stack), notices }
      } finally {
        state.close()
      }
    },
    async sync() {
      const { repos } = await config()
      const [repo] = repos
      const state = openState(site, 'a test')
      const from = await openUpstream(repo!, 4)
      upstream.requests.length = 0
      try {
        const first = await look(repo!, from, { state, emit: () => {}, signal })
        const context = { state, upstream: from, emit: () => {}, signal, connections: () => 4 }
        const result = await sync(repo!, first!, { ...context, acceptShrink: false, overrides: undefined })
        rememberLook(repo!, result.edition, state, result.until)
        return upstream.requests.filter(({ path }) => path.endsWith('.rpm')).length
      } finally {
        await from.close()
        state.close()
      }
    },
    [Symbol.asyncDispose]: async () => {
      await upstream.close()
      await site[Symbol.asyncDispose]()
    },
  }
}

/** Where a site publishes `base`. */
export function published(site: Site): string {
  return join(site.root, 'base')
}
