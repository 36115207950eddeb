import {
  type MirrorResult,
  makeSite,
  type RunningMirror,
  runMirror,
  type Site,
  spawnMirror,
} from '../helpers/mirror.ts'
import { makeRepository, type PackageSpec, type RepositoryOptions } from '../helpers/repository.ts'
import { startUpstream, type Upstream } from '../helpers/upstream.ts'

/** A configured site with an upstream, and the program to run on it. */
export interface Mirrored extends AsyncDisposable {
  site: Site
  upstream: Upstream
  /** Gives a repository's upstream these packages, and no others. */
  offer(id: string, specs: PackageSpec[], options?: RepositoryOptions): Promise<void>
  /** Runs the program to its end with the site's configuration. */
  mirror(...args: string[]): Promise<MirrorResult>
  /** Starts it. */
  start(...args: string[]): RunningMirror
}

/** Configures repositories with their packages by id. */
export async function makeMirrored(repos: Record<string, PackageSpec[]>, settings: object = {}): Promise<Mirrored> {
  const site = await makeSite()
  const offer = (id: string, specs: PackageSpec[], options: RepositoryOptions = {}) =>
    makeRepository(site.path('upstream', id), specs, { clean: true, ...options })
  for (const [id, specs] of Object.entries(repos)) await offer(id, specs)
  const upstream = await startUpstream(site.path('upstream'))
  const places = Object.keys(repos).map((id) => [id, { baseurl: `${upstream.url}${id}/`, arch: 'x86_64' }])
  const defaults = { retries: 1, retry_delay: 0 }
  await site.writeConfig({ defaults, repos: Object.fromEntries(places), ...settings })
  const withConfig = (args: string[]) => [...args, '-c', site.configFile]
  return {
    site,
    upstream,
    offer,
    mirror: (...args) => runMirror(withConfig(args)),
    start: (...args) => spawnMirror(withConfig(args)),
    [Symbol.asyncDispose]: async () => {
      await upstream.close()
      await site[Symbol.asyncDispose]()
    },
  }
}
