/** How long it takes to freeze, promote and roll back, by the number of packages; README.md says what is measured. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { loadConfig } from '../src/config/load.ts'
import type { Config } from '../src/config/repo.ts'
import { carryOut } from '../src/jobs/carryOut.ts'
import { publish } from '../src/publish/publish.ts'
import { writeRepomd } from '../src/repodata/repomd.ts'
import { contentRows } from '../src/store/content.ts'
import { repoRow } from '../src/store/generations.ts'
import { stageMembers } from '../src/store/members.ts'
import { openState, type State } from '../src/store/state.ts'

const { values } = parseArgs({
  options: { sizes: { type: 'string', default: '17649,70596' }, work: { type: 'string', default: tmpdir() } },
})
console.log('packages  operation               seconds  CPU s')
for (const size of values.sizes.split(',').map(Number)) {
  const work = mkdtempSync(join(values.work, 'mirror-bench-'))
  await measureAll(size, work)
  rmSync(work, { recursive: true })
}

async function measureAll(size: number, work: string): Promise<void> {
  const file = join(work, 'mirror.yaml')
  const repo = 'repos: { base: { baseurl: "file:///nowhere" } }'
  writeFileSync(file, `root: ${work}/root\nstate: ${work}/state\nchannels: [dev, prod]\n${repo}\n`)
  const config = await loadConfig(file)
  const state = openState(config, 'a benchmark')
  await publishNumbered(size, 0, state, config)
  const surroundings = { state, config, emit: () => {}, signal: new AbortController().signal, program: '' }
  const timed = async (label: string, name: string, given: object) => {
    // What is still to be written would be waited for here.
    execFileSync('sync')
    const before = process.cpuUsage()
    const began = performance.now()
    await carryOut({ name, arguments: given, by: 'a benchmark' }, surroundings)
    const seconds = ((performance.now() - began) / 1000).toFixed(2)
    const { user, system } = process.cpuUsage(before)
    const cpu = ((user + system) / 1e6).toFixed(2)
    console.log(`${String(size).padStart(8)}  ${label.padEnd(22)}  ${seconds.padStart(7)}  ${cpu.padStart(5)}`)
  }
  await timed('snapshot create', 'snapshot-create', { name: 'first' })
  await timed('promote, first', 'promote', { to: 'dev' })
  await publishNumbered(size, Math.ceil(size / 100), state, config)
  await timed('promote, 1 % changed', 'promote', { to: 'dev' })
  await timed('rollback of a channel', 'rollback', { repo: 'base', channel: 'dev' })
  await timed('snapshot drop', 'snapshot-drop', { name: 'first' })
  state.close()
}

/** Publishes packages without bodies to speak of; `changed` of them are new, in place of the first ones. */
async function publishNumbered(size: number, changed: number, state: State, { repos: [repo] }: Config): Promise<void> {
  if (repo === undefined) return
  const rows = contentRows(state.database)
  const contents = []
  const staged = stageMembers(state.database)
  staged.clear()
  for (let i = 0; i < size; i++) {
    const name = i < changed ? `new${i}` : `package${i}`
    const sha256 = createHash('sha256').update(name).digest('hex')
    mkdirSync(join(state.pool.folder, sha256.slice(0, 2)), { recursive: true })
    writeFileSync(state.pool.path(sha256), name)
    contents.push({ sha256, size: name.length, digest: { algorithm: 'sha256', hex: sha256 } as const })
    const letter = String.fromCharCode(97 + (i % 26))
    staged.add({ path: `Packages/${letter}/${name}-1.0-1.x86_64.rpm`, kind: 'package', sha256, dropped: undefined })
  }
  staged.done()
  rows.add(contents)
  const repomd = writeRepomd({ revision: String(1 + changed), tags: [], records: [] })
  const counts = { packages: size, bytes: size, upstreamPackages: size, trust: 'none', overrides: undefined }
  const destination = { repo: repoRow(state.database, repo), path: repo.path }
  await publish(state, destination, { repomd, revision: String(1 + changed), timestamp: 1 + changed, ...counts })
}
