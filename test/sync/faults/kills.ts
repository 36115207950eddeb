import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningMirror } from '../../helpers/mirror.ts'
import { makeRepository, type PackageSpec } from '../../helpers/repository.ts'
import { listing } from './listing.ts'
import { children } from './memory.ts'
import { type MirroredSite, mirroredSite } from './mirroredSite.ts'
import { randomFrom } from './random.ts'

/** What came of many kills; everything in `broken` is a promise that was not kept. */
export interface Killed {
  kills: number
  runs: number
  broken: string[]
}

/** What a run says as it goes on; a kill comes at a random time after one of these, or after its start. */
const stages = [/reading the upstream/, /fetching what is new/, /writing repodata/, /publishing/]

/**
 * Kills syncs until so many were hit while they ran: the program, its worker or both, at random moments, while the
 * upstream moves on each time. Reads the tree as it lies on disk after each, and lets a whole run follow every few.
 */
export async function killSyncs(kills: number, seed: number): Promise<Killed> {
  const random = randomFrom(seed)
  const done: Killed = { kills: 0, runs: 0, broken: [] }
  await using mirrored = await mirroredSite()
  const fetched = new Set<string>()
  const acceptable = new Set<string>()
  for (let version = 1; done.kills < kills && version < 4 * kills; version++) {
    await makeRepository(mirrored.dir, packagesOf(version))
    acceptable.add(nevrasOf(version))
    const isHit = await killOne(mirrored, random)
    done.kills += Number(isHit)
    done.broken.push(...(await complaints(mirrored, acceptable, version)))
    done.broken.push(...again(mirrored, fetched, version))
    for (const path of await fetchedPaths(mirrored)) fetched.add(path)
    if (isHit && version % 5 > 0) continue
    const { status, stderr } = await mirrored.sync()
    done.runs++
    if (status !== 0) done.broken.push(`version ${version}: the run after the kill ends with ${status}: ${stderr}`)
    acceptable.clear()
    acceptable.add(nevrasOf(version))
    done.broken.push(...(await complaints(mirrored, acceptable, version)))
    done.broken.push(...again(mirrored, fetched, version))
    for (const path of await fetchedPaths(mirrored)) fetched.add(path)
    const left = await leftovers(mirrored)
    if (left.length > 0) done.broken.push(`version ${version}: left in tmp: ${left.join(', ')}`)
  }
  return done
}

function packagesOf(version: number): PackageSpec[] {
  return ['alpha', 'beta', 'gamma', 'delta'].map((name, at) => ({ name, version: `${version - (version % (at + 1))}` }))
}

function nevrasOf(version: number): string {
  return packagesOf(version)
    .map(({ name, version }) => `${name}-0:${version}-1.x86_64`)
    .join(' ')
}

/** Starts a sync and kills it; false where it had ended before that. */
async function killOne(mirrored: MirroredSite, random: (limit: number) => number): Promise<boolean> {
  await using running = mirrored.startSync()
  const exit = once(running.child, 'exit')
  const stage = stages[Math.floor(random(stages.length + 1))]
  if (stage !== undefined) await running.says(stage).catch(() => {})
  await sleep(random(stage === undefined ? 250 : 60))
  const isHit = kill(running, Math.floor(random(3)))
  await exit
  await running.ended
  return isHit
}

/** 0: the program and its worker, as when the machine's memory runs out; 1: the program; 2: the worker, if there is one. */
function kill({ child }: RunningMirror, which: number): boolean {
  const pid = child.pid as number
  const workers = children(pid)
  const victims = which === 0 ? [pid, ...workers] : which === 1 ? [pid] : workers
  for (const victim of victims) {
    try {
      process.kill(victim, 'SIGKILL')
    } catch {
      return false
    }
  }
  return victims.length > 0 && child.exitCode === null
}

/** What is wrong with the tree on disk: nothing may be published yet, or one of the acceptable generations, whole. */
async function complaints(mirrored: MirroredSite, acceptable: Set<string>, version: number): Promise<string[]> {
  const names = await readdir(mirrored.tree, { recursive: true }).catch((): string[] => [])
  if (!names.includes('repodata/repomd.xml')) return version > 5 ? [`version ${version}: nothing is published`] : []
  const { problems, packages } = await mirrored.check()
  const seen = packages.map(({ nevra }) => nevra).join(' ')
  if (!acceptable.has(seen)) problems.push(`a generation that is none: ${seen}`)
  return problems.map((problem) => `version ${version}: ${problem}`)
}

/** Files that were asked for although they were in the pool. */
function again(mirrored: MirroredSite, fetched: Set<string>, version: number): string[] {
  return mirrored
    .asked()
    .filter((path) => fetched.has(path))
    .map((path) => `version ${version}: ${path} was fetched again`)
}

/** What of the upstream lies in the pool. */
async function fetchedPaths({ site, dir }: MirroredSite): Promise<string[]> {
  const pool = await readdir(site.path('state/pool'), { recursive: true }).catch((): string[] => [])
  const digests = new Set(pool.map((path) => path.slice(3)))
  const files = (await listing(dir))
    .filter((line) => !line.endsWith('/'))
    .map((line) => line.split(' ') as [string, string])
  return files.filter(([, digest]) => digests.has(digest)).map(([path]) => path)
}

/**
 * What a whole run should not have left in tmp: anything but parts of files that the upstream has moved on from, which
 * wait there for a day in case it comes back to them.
 */
async function leftovers({ site, dir }: MirroredSite): Promise<string[]> {
  const offered = new Set((await listing(dir)).map((line) => line.split(' ')[1]))
  const left = await listing(site.path('state/tmp'))
  return left.filter((line) => {
    const [, digest] = /^left\/sha256-([0-9a-f]{64})\.part /.exec(line) ?? []
    return line !== 'left/' && (digest === undefined || offered.has(digest))
  })
}
