import { join } from 'node:path'
import { loadConfig } from '../../src/config/load.ts'
import type { Config, Repo } from '../../src/config/repo.ts'
import { carryOut } from '../../src/jobs/carryOut.ts'
import type { AnswerOf, ArgumentsOf, OperationName } from '../../src/jobs/operations.ts'
import type { Outcome } from '../../src/jobs/outcome.ts'
import type { runRepo } from '../../src/jobs/run.ts'
import type { State } from '../../src/store/state.ts'
import { checkTree } from '../helpers/checker.ts'
import type { Site } from '../helpers/mirror.ts'
import { makeRepository, type PackageSpec, type RepositoryOptions } from '../helpers/repository.ts'
import { openNewState } from '../store/opened.ts'
import { syncHere } from './syncHere.ts'

/** Repositories with folders as upstreams, synced and worked on in this process as a worker does it. */
export interface Lifecycle extends AsyncDisposable {
  site: Site
  state: State
  /** What operations said, as `repo level: message`. */
  notices: string[]
  /** Gives a repository's upstream these packages, and no others, and syncs it. */
  publish(id: string, specs: PackageSpec[], options?: RepositoryOptions): Promise<Outcome>
  sync(id: string): Promise<Outcome>
  /** Carries out an operation by the configuration as it is, or with other settings. */
  operate<Name extends OperationName>(
    name: Name,
    given: ArgumentsOf<Name>,
    signal?: AbortSignal,
  ): Promise<AnswerOf<Name>>
  config(): Promise<Config>
  configure(settings: Settings): Promise<void>
  /** What is below root at a path. */
  at(path: string): string
  /** What the independent checker finds wrong at a path below root, and the NEVRAs that it sees. */
  check(path: string): Promise<{ problems: string[]; nevras: string[]; revision: string; repomd: string }>
}

export type Settings = { repos?: Record<string, object>; [key: string]: unknown }

/** @param ids of the repositories, each published at `<id>/os` unless its settings say otherwise */
export async function openLifecycle(ids: string[], settings: Settings = {}): Promise<Lifecycle> {
  const { site, state, [Symbol.asyncDispose]: close } = await openNewState()
  const notices: string[] = []
  const dir = (id: string) => site.path('upstream', id)
  const configure = ({ repos = {}, ...others }: Settings) => {
    const entries = ids.map((id) => [id, { baseurl: `file://${dir(id)}`, path: `${id}/os`, ...repos[id] }])
    return site.writeConfig({ ...others, repos: Object.fromEntries(entries) })
  }
  await configure(settings)
  const config = () => loadConfig(site.configFile, { varsFolders: [], basearch: 'x86_64', home: site.dir })
  const emit: Parameters<typeof runRepo>[1]['emit'] = (event) => {
    if (event.type === 'notice') notices.push(`${event.repo} ${event.level}: ${event.message}`)
  }
  const program = new URL('../../src/main.ts', import.meta.url).pathname
  const syncOne = async (id: string) => {
    const repo = (await config()).repos.find((one) => one.id === id) as Repo
    return await syncHere(repo, { state, emit, program })
  }
  return {
    site,
    state,
    notices,
    async publish(id, specs, options) {
      await makeRepository(dir(id), specs, { clean: true, ...options })
      return await syncOne(id)
    },
    sync: syncOne,
    async operate<Name extends OperationName>(
      name: Name,
      given: ArgumentsOf<Name>,
      signal = new AbortController().signal,
    ) {
      const surroundings = { state, config: await config(), emit, signal, program }
      return (await carryOut({ name, arguments: given, by: 'a test' }, surroundings)) as AnswerOf<Name>
    },
    config,
    configure,
    at: (path) => join(site.root, path),
    async check(path) {
      const { problems, packages, revision, repomdSha256: repomd } = await checkTree(join(site.root, path))
      return { problems, nevras: packages.map(({ nevra }) => nevra).sort(), revision, repomd }
    },
    [Symbol.asyncDispose]: close,
  }
}
