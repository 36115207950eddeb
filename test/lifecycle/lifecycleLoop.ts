/**
 * Publishes, promotes, rolls back, freezes and drops in one process until it is killed, or COUNT times:
 * `lifecycleLoop.ts CONFIG UPSTREAM FIRST [COUNT]`; says `ready` when what was left is settled, then each version.
 */
import { join } from 'node:path'
import { loadConfig } from '../../src/config/load.ts'
import type { Repo } from '../../src/config/repo.ts'
import { carryOut } from '../../src/jobs/carryOut.ts'
import { recover } from '../../src/publish/recover.ts'
import { openState } from '../../src/store/state.ts'
import { makeRepository } from '../helpers/repository.ts'
import { packagesAt } from '../sync/faults/readers.ts'
import { syncHere } from './syncHere.ts'

const [configFile = '', upstream = '', first = '', count = 'Infinity'] = process.argv.slice(2)
const config = await loadConfig(configFile)
const state = openState(config, 'a loop of promotions')
recover(state)
console.log('ready')
const emit = () => {}
const surroundings = { state, config, emit, program: '', signal: new AbortController().signal }
const operate = (name: string, given: object) => carryOut({ name, arguments: given, by: 'a loop' }, surroundings)

for (let version = Number(first); version < Number(first) + Number(count); version++) {
  for (const repo of config.repos) await publish(repo, version)
  await operate('promote', { to: 'dev' })
  await operate('snapshot-create', { name: `s${version}` })
  if (version % 3 === 0) await operate('rollback', { repo: 'one', channel: 'dev' }).catch(() => {})
  await operate('promote', { to: 'prod' })
  await operate('snapshot-drop', { name: `s${version}` })
  console.log(version)
}
state.close()

async function publish(repo: Repo, version: number): Promise<void> {
  await makeRepository(join(upstream, repo.id), packagesAt(version), { clean: true })
  const { error } = await syncHere(repo, { state, emit, program: '' })
  if (error !== undefined) throw error
}
