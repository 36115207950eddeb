import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { offsetOf } from '../../src/schedule/due.ts'
import { isolated } from '../conformance/clients.ts'
import { canSetClock, makeClock } from '../daemon/clock.ts'
import { historyOf, makeInstallation, quiet, type RunningDaemon } from '../daemon/running.ts'
import { checkTree } from '../helpers/checker.ts'
import { judge } from '../helpers/judges.ts'
import type { Fault, Rule } from '../helpers/upstream.ts'

const [minute, hour] = [60_000, 3_600_000]
const project = join(import.meta.dirname, '../..')
const begin = Date.parse('2026-05-05T00:30:00Z')
const step = 12 * minute
/** Fewer for a look: `MIRROR_TEST_HOURS=6 npm run test:faults`. */
const hours = Number(process.env.MIRROR_TEST_HOURS ?? 24)
const ids = ['base', 'apps', 'extras', 'local']

/** What an upstream does wrong for an hour each, one after the other. */
const weather: { path: string; fault: Fault }[] = [
  { path: '', fault: { kind: 'status', status: 503 } },
  { path: '.*moving', fault: { kind: 'truncate', after: 100, end: 'rst' } },
  { path: '.*primary', fault: { kind: 'stall', after: 10 } },
  { path: '.*repomd', fault: { kind: 'reset' } },
]

test.skipIf(!canSetClock() || !judge('dnf'))(
  'a day of a daemon: every slot has its run, and no client ever fails',
  async () => {
    await using installed = await makeInstallation(Object.fromEntries(ids.map((id) => [id, packagesOf(id, 0)])), {
      defaults: { schedule: '@hourly', jitter: '20m', timeout: '1s', retain: '2h' },
      workers: 2,
    })
    const { site, upstream } = installed
    const clock = makeClock(site.dir, begin)
    await using daemon = await installed.start(clock.env, execStart())
    await quiet(installed)
    const clients = startClients(daemon.url, site.path('clients'))
    const before = openFiles(daemon)

    const published = new Map(ids.map((id) => [id, 0]))
    for (let at = 1; at * step <= hours * hour; at++) {
      const [id = ''] = ids.slice(at % ids.length)
      published.set(id, at)
      await installed.offer(id, packagesOf(id, at))
      upstream.rules.splice(0, Infinity, ...rulesAt(at))
      clock.set(begin + at * step)
      // A reload looks at the clock at once.
      expect((await installed.ask({ method: 'POST', path: '/v1/reload' })).status).toBe(200)
      await quiet(installed)
    }
    upstream.rules.length = 0
    clock.set(begin + (hours + 1) * hour)
    await installed.ask({ method: 'POST', path: '/v1/reload' })
    await quiet(installed)
    const { requests, failures } = await clients.stop()

    for (const id of ids) {
      const runs = await historyOf(installed, id)
      // The first one, one for each hour of the day, and the last one, in fair weather.
      expect([id, runs.length]).toEqual([id, hours + 2])
      expect(new Set(runs.map(({ at }) => slotOf(at, id))).size).toBe(hours + 2)
      expect(['published', 'unchanged']).toContain(runs[0]?.result)
      expect((await checkTree(new URL(`${id}/`, daemon.url).href)).problems).toEqual([])
      expect((await checkTree(join(site.root, id))).packages.map(({ nevra }) => nevra)).toContain(
        `${id}-moving-0:1.${published.get(id)}-1.noarch`,
      )
    }
    expect(failures).toEqual([])
    expect(requests).toBeGreaterThan(20)
    await sleep(6000)
    expect(openFiles(daemon)).toBeLessThanOrEqual(before + 2)
    const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${daemon.pid}/status`, 'utf8'))?.[1]
    const failed = (await Promise.all(ids.map((id) => historyOf(installed, id))))
      .flat()
      .filter(({ result }) => result === 'failed')
    console.log(
      `${ids.length * (hours + 2)} runs, ${failed.length} of them failed; ${requests} of dnf's commands; ${Number(rss) >> 10} MiB`,
    )
    expect(failed.length).toBeGreaterThan(hours / 3)
    daemon.child.kill('SIGTERM')
    expect((await daemon.ended).status).toBe(0)
  },
)

/** Two packages that stay and one that is new at each step. */
function packagesOf(id: string, at: number) {
  const stays = ['first', 'second'].map((name) => ({ name: `${id}-${name}`, arch: 'noarch' }))
  return [...stays, { name: `${id}-moving`, version: `1.${at}`, arch: 'noarch' }]
}

/** For an hour each: one repository after the other, one fault after the other, and now and then fair weather. */
function rulesAt(at: number): Rule[] {
  const turn = Math.floor((at * step) / hour)
  const now = weather[turn % (weather.length + 1)]
  if (now === undefined) return []
  return [{ path: new RegExp(`^/${ids[turn % ids.length]}/${now.path}`), fault: now.fault }]
}

/** Which of its slots a run began in. */
function slotOf(at: string, id: string): number {
  return Math.floor((Date.parse(at) - offsetOf({ id, jitterMs: 20 * minute })) / hour)
}

/** What systemd runs, with the program of this project. */
function execStart(): [string, ...string[]] {
  const unit = readFileSync(join(project, 'systemd/mirror.service'), 'utf8')
  const line = /^ExecStart=(.*)$/m.exec(unit)?.[1]?.replace('/opt/mirror', project) ?? ''
  return line.split(' ') as [string, ...string[]]
}

/** dnf, again and again: all metadata, a question, and a package of each repository. */
function startClients(url: string, folder: string): { stop(): Promise<{ requests: number; failures: string[] }> } {
  const options = [...isolated(folder), ...ids.flatMap((id) => [`--repofrompath=${id},${url}${id}/`, `--repo=${id}`])]
  const failures: string[] = []
  const stopping = new AbortController()
  let requests = 0
  const dnf = async (...args: string[]) => {
    requests++
    await promisify(execFile)('dnf', [...options, ...args]).catch((error: Error & { stderr: string }) => {
      failures.push(`dnf ${args.join(' ')}: ${error.stderr}`)
    })
  }
  const loop = async () => {
    while (!stopping.signal.aborted) {
      await dnf('makecache', '--refresh')
      await dnf('repoquery', '--available', '*moving')
      for (const id of ids) await dnf('download', `--destdir=${folder}`, `${id}-moving`)
    }
  }
  const ended = loop()
  return {
    async stop() {
      stopping.abort()
      await ended
      return { requests, failures }
    },
  }
}

function openFiles({ pid }: RunningDaemon): number {
  return readdirSync(`/proc/${pid}/fd`).length
}
