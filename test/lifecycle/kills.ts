import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { listSnapshots } from '../../src/lifecycle/snapshots.ts'
import { openDatabaseReadOnly } from '../../src/store/database.ts'
import { databasePath } from '../../src/store/state.ts'
import { checkTree } from '../helpers/checker.ts'
import { makeSite, type Site, spawnMirror } from '../helpers/mirror.ts'
import { randomFrom } from '../sync/faults/random.ts'
import { packagesAt } from '../sync/faults/readers.ts'

/** What came of many kills; everything in `broken` is a promise that was not kept. */
export interface Killed {
  kills: number
  broken: string[]
}

const repos = ['one', 'two']

/** A site of two repositories, published at `one` and `two`, and the channels dev and prod. */
export async function loopSite(): Promise<Site> {
  const site = await makeSite()
  const entries = repos.map((id) => [id, { baseurl: `file://${site.path('upstream', id)}`, retain: '72h' }])
  await site.writeConfig({ listen: '127.0.0.1:0', channels: ['dev', 'prod'], repos: Object.fromEntries(entries) })
  return site
}

/** Starts the loop at a version, for so many of them or until it is killed. */
export function startLoop(site: Site, first: number, count?: number) {
  const script = join(import.meta.dirname, 'lifecycleLoop.ts')
  const given = [site.configFile, site.path('upstream'), String(first), ...(count === undefined ? [] : [String(count)])]
  return spawnMirror(given, { command: [process.execPath, script] })
}

/** Kills the loop at random moments, and reads all trees as they lie on disk after each, and after what follows has settled them. */
export async function killLoops(kills: number, seed: number): Promise<Killed> {
  const random = randomFrom(seed)
  const done: Killed = { kills: 0, broken: [] }
  await using site = await loopSite()
  for (let version = 1; done.kills < kills; version += 100) {
    await using loop = startLoop(site, version)
    await loop.says(/ready/)
    const settled = await complaints(site)
    if (version > 1) settled.push(...unsettled(site))
    done.broken.push(...settled.map((problem) => `settled before ${version}: ${problem}`))
    if (version === 1) await loop.says(/^1$/m)
    await sleep(random(1500))
    loop.child.kill('SIGKILL')
    await once(loop.child, 'close')
    done.kills++
    const after = await complaints(site)
    done.broken.push(...after.map((problem) => `killed in ${version}: ${problem}`))
  }
  return done
}

/** What is wrong with what clients can see: each tree is whole and of one version, each snapshot has both repositories. */
async function complaints(site: Site): Promise<string[]> {
  const snapshots = namesIn(site, 'snapshots').filter((name) => !name.startsWith('.'))
  const places = ['', 'dev', 'prod'].flatMap((place) =>
    namesIn(site, place)
      .filter((name) => repos.includes(name))
      .map((id) => join(place, id)),
  )
  const frozen = snapshots.flatMap((name) => repos.map((id) => join('snapshots', name, id)))
  const problems: string[] = []
  for (const path of [...places, ...frozen]) {
    if (!frozen.includes(path) && !namesIn(site, path).includes('repodata')) continue
    if (!frozen.includes(path) && !namesIn(site, join(path, 'repodata')).includes('repomd.xml')) continue
    const report = await checkTree(join(site.root, path))
    const version = Number(/alpha-0:(\d+)-/.exec(report.packages.map(({ nevra }) => nevra).join(' '))?.[1])
    const expected = packagesAt(version).length
    problems.push(...report.problems.map((problem) => `${path}: ${problem}`))
    if (report.packages.length !== expected)
      problems.push(`${path}: ${report.packages.length} packages of version ${version}`)
  }
  return problems
}

/** What of snapshots is neither there nor gone. */
function unsettled(site: Site): string[] {
  const database = openDatabaseReadOnly(databasePath(site.state))
  const rows = database === undefined ? [] : listSnapshots(database)
  database?.close()
  const folders = namesIn(site, 'snapshots')
  const named = new Set(rows.map(({ name }) => name))
  return [
    ...folders
      .filter((name) => !named.has(name) && !name.startsWith('.'))
      .map((name) => `snapshots/${name} is nobody's`),
    ...rows
      .filter(({ state, name }) => state === 'made' && !folders.includes(name))
      .map(({ name }) => `snapshot ${name} has no folder`),
  ]
}

function namesIn({ root }: Site, path: string): string[] {
  try {
    return readdirSync(join(root, path))
  } catch {
    return []
  }
}
