import { type CheckReport, checkTree } from '../../helpers/checker.ts'
import {
  type MirrorResult,
  makeSite,
  type RunningMirror,
  runMirror,
  type Site,
  spawnMirror,
} from '../../helpers/mirror.ts'
import { startUpstream, type Upstream } from '../../helpers/upstream.ts'

/** A site whose one repo, `repo`, has an upstream that is served from a folder of the site. */
export interface MirroredSite extends AsyncDisposable {
  site: Site
  upstream: Upstream
  /** The upstream's folder. */
  dir: string
  /** The published folder. */
  tree: string
  /** Runs `mirror sync` with these arguments to its end. */
  sync(...args: string[]): Promise<MirrorResult>
  /** Starts `mirror sync`. */
  startSync(...args: string[]): RunningMirror
  check(): Promise<CheckReport>
  /** The paths that the upstream was asked for since the last call, in the order of arrival. */
  asked(): string[]
}

/** Makes one, with settings of the repo and of the whole configuration beside the usual ones, which do not wait. */
export async function mirroredSite(settings: object = {}, config: object = {}): Promise<MirroredSite> {
  const site = await makeSite()
  const dir = site.path('upstream')
  const upstream = await startUpstream(dir)
  const repo = { baseurl: upstream.url, retries: 1, retry_delay: 0, timeout: 1, ...settings }
  await site.writeConfig({ repos: { repo }, ...config })
  const tree = site.path('root/repo')
  return {
    site,
    upstream,
    dir,
    tree,
    sync: (...args) => runMirror(['sync', '-c', site.configFile, ...args]),
    startSync: (...args) => spawnMirror(['sync', '-c', site.configFile, ...args]),
    check: () => checkTree(tree),
    asked: () => upstream.requests.splice(0).map(({ path }) => path.slice(1)),
    async [Symbol.asyncDispose]() {
      await upstream.close()
      await site[Symbol.asyncDispose]()
    },
  }
}
