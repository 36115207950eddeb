/** How long it takes to compare two generations of a large repository; README.md says what is measured. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { countText } from '../src/amounts.ts'
import { formatTable } from '../src/cli/table.ts'
import { diff } from '../src/lifecycle/diff/diff.ts'
import type { Side } from '../src/lifecycle/diff/side.ts'
import { publish } from '../src/publish/publish.ts'
import { writeRepomd } from '../src/repodata/repomd.ts'
import { type Content, contentRows } from '../src/store/content.ts'
import { findRepo, type Generation, generations, repoRow } from '../src/store/generations.ts'
import { type Member, stageMembers } from '../src/store/members.ts'
import { openState, type State } from '../src/store/state.ts'
import { makeRpm } from '../test/helpers/rpmfile.ts'

const { values } = parseArgs({
  options: {
    packages: { type: 'string', default: '17649' },
    advisories: { type: 'string', default: '3000' },
    runs: { type: 'string', default: '5' },
    work: { type: 'string', default: '.' },
  },
})
const [packages, advisories, runs] = [values.packages, values.advisories, values.runs].map(Number) as [
  number,
  number,
  number,
]
const work = mkdtempSync(join(resolve(values.work), 'bench-diff-'))
const places = { root: join(work, 'root'), state: join(work, 'state') }
const configFile = join(work, 'mirror.yaml')
mkdirSync(places.root)
writeFileSync(configFile, JSON.stringify({ ...places, repos: { a: { baseurl: 'http://127.0.0.1:9/' } } }))

const fresh: Content[] = []
const state: State = openState(places, 'a measurement')
try {
  // Every hundredth package is a newer one in the second generation, and in the third advisories tell of them.
  await generation('a', () => 1, advisories)
  await generation('a', (i) => (i % 100 === 0 ? 2 : 1), advisories)
  await generation('a', (i) => (i % 100 === 0 ? 2 : 1), advisories + 10)
  await generation('prod/a', () => 1, advisories)
  const [first, second, third] = generationsOf('a') as [Generation, Generation, Generation]
  const [shown] = generationsOf('prod/a') as [Generation]
  const rows = [
    await measured('1 % of the packages differ', side('a', first), side('a', second)),
    await measured('advisories differ', side('a', second), side('a', third)),
    await measured('both, of another path', side('prod/a', shown), side('a', third)),
    ['the program, of the first row', `${whole()} ms`],
  ]
  console.log(`${countText(packages)} packages, ${countText(advisories)} advisories, best of ${runs}`)
  console.log(
    formatTable([{ heading: 'what' }, { heading: 'time', number: true }, { heading: 'CPU', number: true }], rows),
  )
} finally {
  state.close()
  rmSync(work, { recursive: true })
}

async function generation(path: string, versionOf: (i: number) => number, updates: number): Promise<void> {
  const repo = repoRow(state.database, { path, id: path })
  const members = Array.from({ length: packages }, (_, i) => packageMember(i, String(versionOf(i))))
  const updateinfo = Buffer.from(
    `<updates>${Array.from({ length: updates }, (_, i) => update(i)).join('')}</updates>\n`,
  )
  const sha256 = contentOf(updateinfo)
  const href = `repodata/${sha256}-updateinfo.xml`
  contentRows(state.database).add(fresh.splice(0))
  const staged = stageMembers(state.database)
  staged.clear()
  for (const member of [...members, { path: href, kind: 'metadata' as const, sha256, dropped: undefined }])
    staged.add(member)
  staged.done()
  const checksum = { algorithm: 'sha256', hex: sha256 } as const
  const others = { openChecksum: undefined, openSize: undefined, timestamp: 1, databaseVersion: undefined }
  const records = [{ type: 'updateinfo', href, checksum, size: updateinfo.length, ...others }]
  const repomd = writeRepomd({ revision: '1', tags: [], records })
  const about = { revision: '1', timestamp: 1, trust: 'none', overrides: undefined }
  await publish(state, { repo, path }, { repomd, packages, bytes: 0, upstreamPackages: packages, ...about })
}

function packageMember(i: number, version: string): Member {
  const name = `package-${i}`
  const sha256 = contentOf(makeRpm({ name, version, files: files(i) }))
  const path = `Packages/${i % 26}/${name}-${version}-1.noarch.rpm`
  return { path, kind: 'package', sha256, dropped: undefined }
}

function files(i: number) {
  return Array.from({ length: 40 }, (_, n) => ({ path: `/usr/share/package-${i}/file-number-${n}` }))
}

function update(i: number): string {
  const names = Array.from(
    { length: 8 },
    (_, n) =>
      `<package name="package-${i * 8 + n}" version="1" release="1" epoch="0" arch="noarch"><filename>package-${i * 8 + n}-1-1.noarch.rpm</filename></package>`,
  )
  const cve = `<reference href="https://example.org/CVE-2026-${i}" id="CVE-2026-${i}" type="cve"/>`
  return `<update from="a" status="final" type="security" version="2"><id>A-${i}</id><title>update ${i}</title><severity>Low</severity><description>${'what it mends '.repeat(40)}</description><references>${cve}</references><pkglist><collection>${names.join('')}</collection></pkglist></update>`
}

/** Gives bytes to the pool, and to `fresh` for their row. */
function contentOf(bytes: Buffer): string {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  if (state.pool.size(sha256) !== undefined) return sha256
  writeFileSync(state.pool.path(sha256), bytes)
  fresh.push({ sha256, size: bytes.length, digest: { algorithm: 'sha256', hex: sha256 } })
  return sha256
}

function generationsOf(path: string): Generation[] {
  return generations(state.database, findRepo(state.database, path) as number)
}

function side(path: string, generation: Generation): Side {
  return { label: path, path, repo: findRepo(state.database, path) as number, generation }
}

async function measured(what: string, before: Side, after: Side): Promise<string[]> {
  let [best, cpu] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (let run = 0; run < runs; run++) {
    const start = performance.now()
    const used = process.cpuUsage()
    const { packages: changed, advisories: told } = await diff(before, after, state)
    const { user, system } = process.cpuUsage(used)
    best = Math.min(best, performance.now() - start)
    cpu = Math.min(cpu, (user + system) / 1000)
    if (changed.changes.length + told.added.length === 0) throw new Error(`${what}: nothing differs`)
  }
  return [what, `${Math.round(best)} ms`, `${Math.round(cpu)} ms`]
}

/** The first run, as a person has it: start-up, configuration and all. */
function whole(): number {
  const times = Array.from({ length: runs }, () => {
    const start = performance.now()
    const args = [join(import.meta.dirname, '../src/main.ts'), '-c', configFile, 'diff', 'a', '1', '2']
    execFileSync(process.execPath, args, { maxBuffer: 2 ** 26 })
    return performance.now() - start
  })
  return Math.round(Math.min(...times))
}
