import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig } from '../../../src/config/load.ts'
import type { Config, Repo } from '../../../src/config/repo.ts'
import { exportRepos } from '../../../src/jobs/export.ts'
import { type ImportArguments, importInto } from '../../../src/jobs/import.ts'
import type { Exported } from '../../../src/lifecycle/archive/export.ts'
import { openState } from '../../../src/store/state.ts'
import { look, rememberLook } from '../../../src/sync/look.ts'
import { sync } from '../../../src/sync/sync.ts'
import { openUpstream } from '../../../src/upstream/upstream.ts'
import { makeSite, type Site } from '../../helpers/mirror.ts'
import { makeRepository, type PackageSpec } from '../../helpers/repository.ts'

/** A mirror that has an upstream, and one that no network leads to. */
export interface Pair extends AsyncDisposable {
  near: Site
  far: Site
  /** Gives a repository's upstream these packages and no others, and syncs it. */
  sync(specs: PackageSpec[], id?: string): Promise<void>
  /** Exports what the near mirror shows to a file of this name. */
  export(
    name: string,
    options?: { since?: string; partBytes?: number; ids?: string[]; keyFile?: string },
  ): Promise<Exported>
  /** A file of the near mirror's folder. */
  file(name: string): string
  /** Imports into the far one: what each repository came to, or the error's line; notices behind it. */
  import(name: string, options?: Partial<ImportArguments>): Promise<string[]>
  /** All files that the far mirror publishes, but for the marker, with their inodes. */
  shown(): string[]
  farConfig(repos: object): Promise<void>
}

const none = { varsFolders: [], basearch: 'x86_64' }

/** Makes both; `el9/<id>` is each repository's path, on both sides. */
export async function startPair(ids: string[] = ['base']): Promise<Pair> {
  const [near, far] = [await makeSite(), await makeSite()]
  const nearRepos = ids.map((id) => [id, { baseurl: `file://${near.path('upstream', id)}/`, path: `el9/${id}` }])
  await near.writeConfig({ repos: Object.fromEntries(nearRepos) })
  const farConfig = (repos: object) => far.writeConfig({ repos })
  await farConfig(Object.fromEntries(ids.map((id) => [id, { archive: 'yes', path: `el9/${id}` }])))
  const config = (site: Site): Promise<Config> => loadConfig(site.configFile, { ...none, home: site.dir })
  const { signal } = new AbortController()

  return {
    near,
    far,
    farConfig,
    file: (name) => near.path(name),
    async sync(specs, id = ids[0]) {
      await makeRepository(near.path('upstream', id ?? ''), specs, { clean: true })
      const { repos } = await config(near)
      await syncHere(repos.find((repo) => repo.id === id) as Repo, near)
    },
    async export(name, { since, partBytes = null, ids: wanted, keyFile } = {}) {
      const all = await config(near)
      const repos = all.repos.filter(({ id }) => wanted?.includes(id) ?? true)
      const key = keyFile === undefined ? undefined : { file: keyFile, passphraseFile: undefined }
      return exportRepos({ config: all, repos, file: near.path(name), since, partBytes, key, signal })
    },
    async import(name, options = {}) {
      const given = {
        file: near.path(name),
        keys: [],
        fingerprints: [],
        dryRun: false,
        acceptOrigin: false,
        ...options,
      }
      const notices: string[] = []
      const state = openState(far, 'a test')
      try {
        const emit = (event: { type: string; message?: string }) => {
          if (event.type === 'notice') notices.push(String(event.message))
        }
        const surroundings = { state, config: await config(far), emit, signal, program: '', by: 'a test' }
        const answer = await importInto({ ...surroundings, arguments: given })
        const results = answer.repos.map(({ repo, result, generation }) => `${repo} ${result} ${generation}`)
        return [...results, ...notices]
      } catch (error) {
        return [(error as { line?: string }).line ?? String((error as Error).stack)]
      } finally {
        state.close()
      }
    },
    shown: () => inodesBelow(far.root),
    async [Symbol.asyncDispose]() {
      await near[Symbol.asyncDispose]()
      await far[Symbol.asyncDispose]()
    },
  }
}

/** A run in this process: a worker of its own takes most of a test's time. */
async function syncHere(repo: Repo, site: Site): Promise<void> {
  const { signal } = new AbortController()
  const state = openState(site, 'a test')
  const upstream = await openUpstream(repo, 4)
  try {
    const emit = () => {}
    const first = await look(repo, upstream, { state, emit, signal })
    if (first === undefined) return
    const context = { state, upstream, emit, signal, connections: () => 4, acceptShrink: true, overrides: undefined }
    const { edition, until } = await sync(repo, first, context)
    rememberLook(repo, edition, state, until)
  } finally {
    await upstream.close()
    state.close()
  }
}

function inodesBelow(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  return names.flatMap((name) => {
    const { ino, mtimeMs } = statSync(join(folder, name))
    return name === '.mirror' ? [] : [`${name} ${ino} ${mtimeMs}`]
  })
}
