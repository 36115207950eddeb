import { loadConfig } from '../../src/config/load.ts'
import type { Config } from '../../src/config/repo.ts'
import type { Live, LiveRepo } from '../../src/status/live.ts'
import { type Report, report } from '../../src/status/report.ts'
import { writeAccepted } from '../../src/store/accepted.ts'
import { type Database, openDatabase } from '../../src/store/database.ts'
import { type Generation, markPublished, prepareGeneration, repoRow } from '../../src/store/generations.ts'
import { type RunRecord, recordRun } from '../../src/store/runs.ts'
import { makeSite } from '../helpers/mirror.ts'

export const minute = 60_000
export const hour = 60 * minute
export const day = 24 * hour

/** The moment that reports are made for; a whole minute. */
export const now = Date.UTC(2026, 10, 22, 22, 0)

/** A configuration with a database, in which runs and generations can be recorded as of any time. */
export interface History extends AsyncDisposable {
  config: Config
  database: Database
  ran: (id: string, run: Partial<RunRecord>) => void
  published: (id: string, generation?: Partial<Generation>) => void
  /** Takes a repomd.xml from the upstream that was made at a time, in milliseconds. */
  accepted: (id: string, made: number) => void
  report: (live?: Live) => Report
}

/** Configures repositories by id, with their settings. */
export async function makeHistory(repos: Record<string, object>): Promise<History> {
  const site = await makeSite()
  const entries = Object.entries(repos).map(([id, settings]) => [
    id,
    { baseurl: `http://upstream.example/${id}/`, ...settings },
  ])
  await site.writeConfig({ repos: Object.fromEntries(entries) })
  const config = await loadConfig(site.configFile, { varsFolders: [], basearch: 'x86_64', home: site.path('home') })
  const database = openDatabase(site.path('mirror.db'))
  const rowOf = (id: string) =>
    repoRow(database, config.repos.find((repo) => repo.id === id) as { path: string; id: string })
  return {
    config,
    database,
    ran: (id, run) => recordRun(database, rowOf(id), { ...unchanged, at: now - hour, ...run }),
    published(id, given) {
      const made = { ...generation, ...given }
      prepareGeneration(database, rowOf(id), made)
      markPublished(database, rowOf(id), made.number, made.created)
    },
    accepted(id, made) {
      const taken = { sha256: '', revision: '', timestamp: made / 1000, at: now }
      writeAccepted(database, rowOf(id), 'http://upstream.example/', taken)
    },
    report: (live) => report(config, database, live, now),
    [Symbol.asyncDispose]: () => {
      database.close()
      return site[Symbol.asyncDispose]()
    },
  }
}

const unchanged: Omit<RunRecord, 'at'> = {
  milliseconds: 200,
  result: 'unchanged',
  message: undefined,
  added: 0,
  removed: 0,
  bytes: 0,
}

const generation: Generation = {
  number: 1,
  state: 'prepared',
  repomd: '0'.repeat(64),
  revision: '1763848800',
  timestamp: 1_763_848_800,
  created: now - 2 * day,
  superseded: undefined,
  packages: 17_649,
  bytes: 36_000_000_000,
  upstreamPackages: 17_649,
  trust: 'TLS',
  overrides: undefined,
}

/** A daemon that has been up for three days; repositories by id. */
export function alive(
  repos: Record<string, Partial<LiveRepo>> = {},
  reload?: Live['reload'],
  operations: Live['operations'] = [],
): Live {
  const entries = Object.entries(repos).map(
    ([id, given]) => [id, { next: undefined, running: undefined, queued: 0, ...given }] as const,
  )
  return { started: now - 3 * day, reload, repos: new Map(entries), operations }
}
