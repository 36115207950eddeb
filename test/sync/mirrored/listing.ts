import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkTree } from '../../helpers/checker.ts'
import { metalinkXml } from '../../helpers/metalink.ts'
import { type MirrorResult, makeSite, runMirror, type Site } from '../../helpers/mirror.ts'
import { makeRepository, type PackageSpec } from '../../helpers/repository.ts'
import { startUpstream, type Upstream } from '../../helpers/upstream.ts'

/** A site whose one repo, `repo`, is at several mirrors, each with a folder of its own, which a list on another server names. */
export interface Listing extends AsyncDisposable {
  site: Site
  mirrors: (Upstream & { dir: string })[]
  list: Upstream
  tree: string
  /** Gives mirrors, all of them by default, these packages. */
  offer(specs: PackageSpec[], ...to: number[]): Promise<void>
  /** The repomd.xml that a mirror has now. */
  repomd(mirror?: number): Promise<Buffer>
  /** Writes the list: a metalink of the first mirror's repomd.xml, or of what is given. */
  metalink(how?: Partial<Parameters<typeof metalinkXml>[0]>): Promise<void>
  mirrorlist(text?: string): Promise<void>
  sync(...args: string[]): Promise<MirrorResult>
  /** What a client finds wrong with what is published, and the packages that it sees. */
  check(): Promise<{ problems: string[]; hrefs: string[] }>
}

/** Starts so many mirrors and writes the configuration, with settings of the repo beside the usual ones. */
export async function startListing(
  kind: 'metalink' | 'mirrorlist',
  count: number,
  settings: object = {},
  packages: PackageSpec[] = [{ name: 'alpha' }, { name: 'beta' }],
): Promise<Listing> {
  const site = await makeSite()
  const mirrors: Listing['mirrors'] = []
  for (let i = 0; i < count; i++) {
    const dir = site.path(`mirror${i}`)
    await makeRepository(dir, packages)
    mirrors.push({ ...(await startUpstream(dir)), dir })
  }
  const folder = site.path('list')
  await makeRepository(folder, [])
  const list = await startUpstream(folder)
  const tree = site.path('root/repo')
  const repo = { [kind]: `${list.url}list?repo=x&arch=y`, retries: 1, retry_delay: 0, timeout: 1, ...settings }
  await site.writeConfig({ repos: { repo } })
  const repomd = (mirror = 0) => readFile(join(mirrors[mirror]!.dir, 'repodata/repomd.xml'))
  const write = (text: string) => writeFile(join(folder, 'list'), text)
  const listing: Listing = {
    site,
    mirrors,
    list,
    tree,
    async offer(specs, ...to) {
      for (const i of to.length === 0 ? mirrors.keys() : to)
        await makeRepository(mirrors[i]!.dir, specs, { clean: true })
    },
    repomd,
    async metalink(how = {}) {
      const current = { bytes: await repomd(), timestamp: Math.floor(Date.now() / 1000) - 60 }
      await write(metalinkXml({ current, urls: mirrors.map(({ url }) => `${url}repodata/repomd.xml`), ...how }))
    },
    mirrorlist: (text = mirrors.map(({ url }) => `${url}\n`).join('')) => write(text),
    sync: (...args) => runMirror(['sync', '-c', site.configFile, ...args]),
    async check() {
      const { problems, packages } = await checkTree(tree)
      return { problems, hrefs: packages.map(({ href }) => href).sort() }
    },
    async [Symbol.asyncDispose]() {
      for (const one of [...mirrors, list]) await one.close()
      await site[Symbol.asyncDispose]()
    },
  }
  await (kind === 'metalink' ? listing.metalink() : listing.mirrorlist())
  return listing
}
