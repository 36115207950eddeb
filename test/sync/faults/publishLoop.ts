/** Publishes versions 2, 3, ... of a repository in one process: `publishLoop.ts CONFIG UPSTREAM COUNT`; says each. */
import { loadConfig } from '../../../src/config/load.ts'
import type { Repo } from '../../../src/config/repo.ts'
import { sweep } from '../../../src/lifecycle/sweep.ts'
import { openState } from '../../../src/store/state.ts'
import { look, rememberLook } from '../../../src/sync/look.ts'
import { sync } from '../../../src/sync/sync.ts'
import { openUpstream } from '../../../src/upstream/upstream.ts'
import { makeRepository } from '../../helpers/repository.ts'
import { packagesAt } from './readers.ts'

const [configFile = '', dir = '', count = ''] = process.argv.slice(2)
const config = await loadConfig(configFile)
const [repo] = config.repos as [Repo]
const state = openState(config, 'a loop of publishes')
const upstream = await openUpstream(repo, 4)
const { signal } = new AbortController()
const context = {
  state,
  upstream,
  emit: () => {},
  signal,
  connections: () => 4,
  acceptShrink: false,
  overrides: undefined,
}

for (let version = 2; version < 2 + Number(count); version++) {
  await makeRepository(dir, packagesAt(version), { clean: true })
  const found = await look(repo, upstream, context)
  if (found === undefined) throw new Error(`version ${version} was not seen`)
  const { edition, until, result } = await sync(repo, found, context)
  if (result !== 'published') throw new Error(`version ${version}: ${result}`)
  rememberLook(repo, edition, state, until)
  sweep(state, new Map([[repo.path, repo.retainMs]]))
  console.log(version)
}
await upstream.close()
state.close()
