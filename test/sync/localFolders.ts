import { readFileSync, rmSync, statSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { checkTree } from '../helpers/checker.ts'
import { type MirrorResult, makeSite, runMirror, type Site } from '../helpers/mirror.ts'
import { type RpmSpec, writeRpm } from '../helpers/rpmfile.ts'

/** A site with a repository `own` that is made of local folders, synced by the real program. */
export interface LocalFolders extends AsyncDisposable {
  site: Site
  /** Below the site. */
  put(path: string, content: RpmSpec | Buffer | string): Promise<string>
  remove(path: string): void
  configure(settings: object): Promise<void>
  mirror(...args: string[]): Promise<MirrorResult>
  /** The hrefs that a client sees, and everything that it finds wrong. */
  seen(): Promise<{ hrefs: string[]; problems: string[] }>
  /** The published repomd.xml. */
  repomd(): string
}

/** Packages by their paths below the site; `rpms` is the local folder unless the settings name others. */
export async function makeLocal(packages: Record<string, RpmSpec>, settings: object = {}): Promise<LocalFolders> {
  const site = await makeSite()
  const own = site.path('root/own')
  const local: LocalFolders = {
    site,
    async put(path, content) {
      if (typeof content !== 'string') return await writeRpm(site.dir, path, content)
      await mkdir(dirname(site.path(path)), { recursive: true })
      await writeFile(site.path(path), content)
      return site.path(path)
    },
    remove: (path) => rmSync(site.path(path), { recursive: true }),
    configure: (own) => site.writeConfig({ repos: { own: { local: 'rpms', arch: 'x86_64', ...own } } }),
    // A process of its own says that it is there.
    mirror: (...args) => runMirror([...args, '-c', site.configFile], { env: { NODE_OPTIONS: announcing } }),
    async seen() {
      const { packages: found, problems } = await checkTree(own)
      return { hrefs: found.map(({ href }) => href).sort(), problems }
    },
    repomd: () => readFileSync(`${own}/repodata/repomd.xml`, 'utf8'),
    [Symbol.asyncDispose]: site[Symbol.asyncDispose],
  }
  for (const [path, spec] of Object.entries(packages)) await local.put(path, spec)
  await local.configure(settings)
  return local
}

const announcing = `--import=data:text/javascript,process.argv[2]==='worker'&&console.error('a%20worker%20began')`

/** Device and inode, which two names of one file share. */
export function identity(file: string): string {
  const { dev, ino } = statSync(file)
  return `${dev}:${ino}`
}
