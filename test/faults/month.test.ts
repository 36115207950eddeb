import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { dnfIn, nevras } from '../conformance/clients.ts'
import { type Clock, canSetClock, makeClock } from '../daemon/clock.ts'
import { checkTree } from '../helpers/checker.ts'
import { judge } from '../helpers/judges.ts'
import { type MirrorResult, makeSite, runMirror, type Site, spawnMirror } from '../helpers/mirror.ts'
import { makeRepository, type PackageSpec } from '../helpers/repository.ts'
import { makeRpm } from '../helpers/rpmfile.ts'
import { startUpstream } from '../helpers/upstream.ts'

const day = 24 * 60 * 60 * 1000
const begin = Date.parse('2026-06-01T04:00:00Z')
/** Fewer for a look: `MIRROR_TEST_DAYS=12 npm run test:faults`. */
const days = Number(process.env.MIRROR_TEST_DAYS ?? 30)

/** On these days something happens besides the daily sync and its promotions. */
const on = { snapshot: 5, broken: 9, rollback: 12, rot: 15, full: 18, scrub: 20, dropped: 22 }

/** Packages of a day: some that stay, one that is new every day, some that come and go, one that is advised on. */
function packagesOn(today: number): PackageSpec[] {
  const staying = Array.from({ length: 20 }, (_, i) => ({ name: `stays-${i}` }))
  const weekly = Array.from({ length: 5 }, (_, i) => ({
    name: `weekly-${i}`,
    version: `1.${Math.floor((today + i) / 7)}`,
  }))
  const passing = today % 3 === 0 ? [{ name: `passing-${today}` }] : []
  const needs = today === on.broken ? { requires: ['what-nothing-provides'] } : {}
  return [...staying, ...weekly, ...passing, { name: 'daily', version: `1.${today}`, ...needs }].map(asRpm)
}

function asRpm(spec: PackageSpec): PackageSpec {
  const requires = (spec.requires ?? []).map((name): [string, number, string] => [name, 0, ''])
  return {
    ...spec,
    arch: 'noarch',
    body: makeRpm({ name: spec.name, version: spec.version ?? '1.0', arch: 'noarch', requires }),
  }
}

function updateinfoOn(today: number): string {
  const updates = Array.from({ length: today }, (_, i) => {
    const file = `<package name="daily" version="1.${i + 1}" release="1" epoch="0" arch="noarch"><filename>daily-1.${i + 1}-1.noarch.rpm</filename></package>`
    const cve = `<reference href="https://example.com/" id="CVE-2026-${1000 + i}" type="cve" title="CVE-2026-${1000 + i}"/>`
    return `<update from="x@example.com" status="final" type="security" version="1"><id>MA-${i + 1}</id><title>daily</title><severity>Important</severity><issued date="2026-06-01"/><references>${cve}</references><pkglist><collection><name>c</name>${file}</collection></pkglist></update>`
  })
  return `<?xml version="1.0" encoding="UTF-8"?>\n<updates>${updates.join('')}</updates>\n`
}

test.skipIf(!canSetClock() || !judge('dnf'))(
  'a month: syncs, snapshots, channels with gates, a rollback, rot, gc, and an air gap, all trees whole after every step',
  async () => {
    await using site = await makeSite()
    await using far = await makeSite()
    await using upstream = await startUpstream(site.path('upstream'))
    await site.writeConfig({
      listen: '127.0.0.1:0',
      scrub: '3s',
      defaults: { retain: '3d', updateinfo: 'present' },
      channels: { dev: {}, test: { gate: ['closure'] }, prod: { after: '167h', gate: ['closure'] } },
      repos: { repo: { baseurl: upstream.url } },
    })
    await far.writeConfig({ repos: { repo: { archive: 'yes' } } })
    const clock = makeClock(site.dir, begin)
    const judges: Judges = { dnf: dnfIn(site.path('dnf')), trees: 0, seen: new Map() }
    const mirror = (...args: string[]) => runMirror([...args, '-c', site.configFile], { env: clock.env })
    const there = (...args: string[]) => runMirror([...args, '-c', far.configFile], { env: clock.env })
    const done = async (run: Promise<MirrorResult>, status = 0) => {
      const result = await run
      expect({ status: result.status, stderr: result.stderr }).toMatchObject({ status })
      await agree(site, judges)
      return result
    }

    for (let today = 1; today <= days; today++) {
      clock.set(begin + today * day)
      const records = [{ type: 'updateinfo', name: 'updateinfo.xml.gz', body: updateinfoOn(today) }]
      await makeRepository(site.path('upstream'), packagesOn(today), { records, clean: true })
      await done(mirror('sync'))
      await done(mirror('promote', '--to', 'dev'))

      const promoted = await done(mirror('promote', '--to', 'test'), today === on.broken ? 1 : 0)
      if (today === on.broken)
        expect(promoted.stderr).toMatch(/E_GATE repo: .* what-nothing-provides.*; it still shows generation \d+/)
      expect(await shown(site, 'test/repo')).toContain(`daily-0:1.${today === on.broken ? today - 1 : today}-1.noarch`)
      // What test showed an hour less than a week ago: the day before's, where its gate refused that day's.
      await done(mirror('promote', '--to', 'prod', '--scheduled'))
      const then = today - 7 === on.broken ? today - 8 : today - 7
      if (then > 0) expect(await shown(site, 'prod/repo')).toContain(`daily-0:1.${then}-1.noarch`)

      if (today === on.snapshot) await done(mirror('snapshot', 'create', 'june'))
      if (today === on.rollback) await rollBack(site, mirror, done)
      if (today === on.rot) await verified(site, mirror, done)
      if (today === on.scrub) await scrubbed(site, clock)
      if (today >= on.full && today % 4 === on.full % 4) await carry(today, site, far, mirror, there, done)
      if (today === on.dropped) {
        await done(mirror('snapshot', 'drop', 'june'))
        expect(existsSync(join(site.root, 'snapshots/june/repo/repodata/repomd.xml'))).toBe(false)
      } else if (today > on.snapshot && today < on.dropped)
        expect(await shown(site, 'snapshots/june/repo')).toContain(`daily-0:1.${on.snapshot}-1.noarch`)
      await done(mirror('gc', '--all'))
      expectPoolIsWhatIsRetained(site)
    }
    const { stdout } = await done(mirror('diff', 'repo'))
    expect(stdout).toContain(`daily`)
    expect(stdout).toContain(`MA-${days}`)
    expect((await mirror('verify')).status).toBe(0)
    console.log(`${days} days, ${judges.trees} trees of which checker and dnf say the same`)
  },
  1_200_000,
)

type Done = (run: Promise<MirrorResult>, status?: number) => Promise<MirrorResult>
type Mirror = (...args: string[]) => Promise<MirrorResult>

/** The folders of all trees that are published below root. */
function trees(root: string): string[] {
  const found = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('repodata/repomd.xml'),
  )
  return found.map((path) => path.replace(/\/?repodata\/repomd\.xml$/, '')).sort()
}

/** `seen`: the repomd.xml of each tree that dnf has read. */
type Judges = { dnf: ReturnType<typeof dnfIn>; trees: number; seen: Map<string, string> }

/**
 * Each published tree is whole to the independent checker, and dnf sees in it what the checker sees. Of a repomd.xml that
 * dnf has read there already, every file was hashed once more by the checker: dnf would say the same.
 */
async function agree(site: Site, judges: Judges): Promise<void> {
  for (const path of trees(site.root)) {
    const { problems, packages, repomdSha256 } = await checkTree(join(site.root, path))
    expect([path, problems]).toEqual([path, []])
    if (judges.seen.get(path) === repomdSha256) continue
    judges.seen.set(path, repomdSha256)
    expect(await nevras(judges.dnf, `file://${site.root}/${path}/`)).toEqual(packages.map(({ nevra }) => nevra).sort())
    judges.trees++
  }
}

async function shown(site: Site, path: string): Promise<string[]> {
  return (await checkTree(join(site.root, path))).packages.map(({ nevra }) => nevra)
}

/** Back by one in prod, and the repository's own path back too: held until released. */
async function rollBack(site: Site, mirror: Mirror, done: Done): Promise<void> {
  const before = await shown(site, 'prod/repo')
  await done(mirror('rollback', 'repo', '--channel', 'prod'))
  expect(await shown(site, 'prod/repo')).not.toEqual(before)
  await done(mirror('rollback', 'repo'))
  const held = await shown(site, 'repo')
  expect(held).toContain(`daily-0:1.${on.rollback - 1}-1.noarch`)
  await done(mirror('sync'))
  expect(await shown(site, 'repo')).toEqual(held)
  await done(mirror('release', 'repo'))
  await done(mirror('sync'))
  expect(await shown(site, 'repo')).toContain(`daily-0:1.${on.rollback}-1.noarch`)
}

/** Ten files rot without a trace in size and time; the result has what each was. */
function rot(site: Site): Map<string, Buffer> {
  const packages = join(site.root, 'repo/Packages/s')
  const rotten = readdirSync(packages)
    .slice(0, 10)
    .map((name) => join(packages, name))
  const right = new Map(rotten.map((file) => [file, readFileSync(file)]))
  for (const file of rotten) {
    const { atime, mtime, size } = statSync(file)
    const bytes = readFileSync(file)
    bytes.writeUInt8(bytes.readUInt8(size >> 1) ^ 1, size >> 1)
    writeFileSync(file, bytes)
    utimesSync(file, atime, mtime)
  }
  return right
}

function asTheyAre(files: ReadonlyMap<string, Buffer>): Map<string, Buffer> {
  return new Map([...files.keys()].map((file) => [file, readFileSync(file)]))
}

/** What rots is found and healed by `mirror verify`. */
async function verified(site: Site, mirror: Mirror, done: Done): Promise<void> {
  const right = rot(site)
  const found = await mirror('verify', '--json')
  expect(found.status).toBe(1)
  for (const file of right.keys()) expect(found.stdout).toContain(file.slice(site.root.length + 1))
  await done(mirror('verify', '--repair'))
  expect(asTheyAre(right)).toEqual(right)
  expect((await mirror('verify')).status).toBe(0)
}

/** What rots is found and healed by a daemon's scrub, which nobody asks for. */
async function scrubbed(site: Site, clock: Clock): Promise<void> {
  const right = rot(site)
  const daemon = spawnMirror(['daemon', '-c', site.configFile], { env: clock.env })
  await using _ = daemon
  await expect.poll(() => asTheyAre(right), { timeout: 120_000, interval: 500 }).toEqual(right)
  daemon.child.kill('SIGTERM')
  const { stdout, stderr } = await daemon.ended
  // It is one file in several trees, and named in one of them.
  for (const file of right.keys()) expect(`${stdout}${stderr}`).toMatch(new RegExp(`found rot: .*/${basename(file)}: `))
}

/** Carries what is published to another root, by one archive after the other. */
async function carry(today: number, site: Site, far: Site, mirror: Mirror, there: Mirror, done: Done): Promise<void> {
  const archive = (of: number) => far.path(`day-${of}.tar`)
  const since = today === on.full ? [] : ['--since', archive(today - 4)]
  await done(mirror('export', ...since, '-o', archive(today)))
  execFileSync('tar', ['tf', archive(today)])
  if (today === on.full) expect(await there('import', archive(today), '--dry-run')).toMatchObject({ status: 0 })
  expect(await there('import', archive(today))).toMatchObject({ status: 0 })
  const { problems, repomdSha256 } = await checkTree(join(far.root, 'repo'))
  expect({ problems, repomdSha256 }).toEqual({
    problems: [],
    repomdSha256: (await checkTree(join(site.root, 'repo'))).repomdSha256,
  })
}

/** Contents without a generation that names them are gone, and none is missing or other than its name says. */
function expectPoolIsWhatIsRetained(site: Site): void {
  const database = new DatabaseSync(join(site.state, 'mirror.db'), { readOnly: true })
  const needed = database
    .prepare('SELECT sha256 AS d FROM member UNION SELECT repomd AS d FROM generation')
    .all()
    .map(({ d }) => Buffer.from(d as Uint8Array).toString('hex'))
  database.close()
  const pool = join(site.state, 'pool')
  const held = readdirSync(pool).flatMap((shard) => readdirSync(join(pool, shard)))
  expect(held.sort()).toEqual(needed.sort())
  for (const sha256 of held)
    expect(
      createHash('sha256')
        .update(readFileSync(join(pool, sha256.slice(0, 2), sha256)))
        .digest('hex'),
    ).toBe(sha256)
}
