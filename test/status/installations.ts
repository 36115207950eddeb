import type { RunRecord } from '../../src/store/runs.ts'
import { alive, day, type History, hour, makeHistory, minute, now } from './history.ts'

const file = 'Packages/l/linux-firmware-20260930-1.el9.noarch.rpm from https://mirror.example.net/pub/epel/9/x86_64/'
const digests = `sha256 expected ${'ab12'.repeat(16)}, found ${'cd34'.repeat(16)}`
const problem = `E_CHECKSUM epel-9-everything-x86_64: Cannot fetch ${file}: ${digests}`

/** Five repositories in every state there is, with ids, names and an error as long as they get. */
export async function makeBusy(): Promise<History & { live: ReturnType<typeof alive> }> {
  const history = await makeHistory({
    'centos-10-stream-appstream-x86_64': {
      path: 'centos/10-stream/AppStream/x86_64',
      fresh_within: '26h',
      name: 'CentOS Stream 10 AppStream for x86_64',
    },
    'centos-9-stream-baseos-aarch64-with-an-id-that-is-much-longer-than-anybody-would-like': {
      path: 'centos/9',
      fresh_within: '26h',
    },
    'epel-9-everything-x86_64': { path: 'epel/9', fresh_within: '26h' },
    'late-and-quiet': { fresh_within: '12h', name: 'A <b>name</b> & its "markup"' },
    'new-one': {},
  })
  const [ok, running, failed, late] = history.config.repos.map(({ id }) => id) as [string, string, string, string]
  for (const id of [ok, running, failed]) pastRuns(history, id, 40)
  history.ran(failed, { at: now - 10 * minute, result: 'failed', message: problem, milliseconds: 61_000 })
  history.ran(late, { at: now - 3 * day, result: 'published', milliseconds: 4000, bytes: 10_000_000 })
  for (const id of [ok, running, failed, late]) history.published(id, { number: 41 })
  const progress = {
    stage: 'packages',
    packages: 1234,
    packagesTotal: 17_649,
    bytes: 1_234_567_890,
    bytesTotal: 36e9,
  } as const
  const reload = {
    at: now - hour,
    error: `E_CONFIG /etc/mirror/mirror.yaml:12:5: repos.${ok}.retian: unknown key; did you mean retain?`,
  }
  const live = alive(
    {
      [ok]: { next: now + 3 * hour },
      [running]: { running: { since: now - 3 * minute, by: 'schedule', progress }, queued: 1 },
      [failed]: { next: now + 50 * minute },
    },
    reload,
  )
  return { ...history, live }
}

/** Runs each hour, most of them with nothing to do, up to one an hour ago. */
function pastRuns(history: History, id: string, count: number): void {
  for (let i = count; i >= 1; i--) {
    const published = i % 7 === 0
    const result: RunRecord['result'] = published ? 'published' : i % 11 === 0 ? 'interrupted' : 'unchanged'
    const bytes = published ? (i % 5) * 400_000_000 + 1000 : 0
    history.ran(id, { at: now - i * hour, result, bytes, milliseconds: published ? 60_000 + i * 9000 : 200 })
  }
}

/** So many repositories that are all well. */
export async function makeWell(count: number): Promise<History & { live: ReturnType<typeof alive> }> {
  const ids = Array.from({ length: count }, (_, i) => `repo-${i + 1}`)
  const history = await makeHistory(Object.fromEntries(ids.map((id) => [id, { fresh_within: '26h' }])))
  for (const id of ids) {
    pastRuns(history, id, 12)
    history.published(id)
  }
  return { ...history, live: alive(Object.fromEntries(ids.map((id, i) => [id, { next: now + (i + 1) * minute }]))) }
}

/** A first start: the daemon is up, and its first sync is due in two minutes. */
export async function makeNew(): Promise<History & { live: ReturnType<typeof alive> }> {
  const history = await makeHistory({ one: { fresh_within: '26h' }, two: {} })
  return { ...history, live: alive({ one: { next: now + 2 * minute }, two: { next: now + 5 * minute } }) }
}
