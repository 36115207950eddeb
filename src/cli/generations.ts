import { bytesText, countText } from '../amounts.ts'
import { placesOf } from '../config/channels.ts'
import { chooseRepos } from '../config/choose.ts'
import { loadConfig } from '../config/load.ts'
import type { Config, Repo } from '../config/repo.ts'
import { packageCounts } from '../store/changes.ts'
import { type Database, openDatabaseReadOnly } from '../store/database.ts'
import { findRepo, type Generation, generations } from '../store/generations.ts'
import { type Hold, holdOf } from '../store/holds.ts'
import { type KnownOrigin, originsOf } from '../store/origins.ts'
import { shownElsewhere } from '../store/shown.ts'
import { databasePath } from '../store/state.ts'
import { formatTable } from './table.ts'

/**
 * A retained generation where it is shown, and how many packages it added and removed; undefined where the one before is no
 * longer retained.
 */
type Retained = Generation & {
  repo: string
  /** The channel that shows it; undefined for the repository's own path. */
  channel: string | undefined
  path: string
  added: number
  removed: number | undefined
  origin: KnownOrigin | undefined
  hold: Hold | undefined
  /** Publish paths of channels and snapshots that show it again now. */
  shown: string[]
}

/** Every retained generation of the chosen repositories, in channels too, newest first, as a table or JSON. */
export async function generationsReport(
  operands: readonly string[],
  form: 'table' | 'json',
  configFile: string,
): Promise<string> {
  const config = await loadConfig(configFile)
  const repos = chooseRepos(config, operands)
  const database = openDatabaseReadOnly(databasePath(config.state))
  try {
    const retained = database === undefined ? [] : repos.flatMap((repo) => retainedOf(repo, config, database))
    return form === 'json' ? generationsJson(retained) : generationsTable(retained)
  } finally {
    database?.close()
  }
}

function retainedOf(repo: Repo, config: Config, database: Database): Retained[] {
  return placesOf(repo, config).flatMap(({ channel, path }) =>
    retainedAt(path, database).map((one) => ({ ...one, repo: repo.id, channel, path })),
  )
}

function retainedAt(path: string, database: Database): Omit<Retained, 'repo' | 'channel' | 'path'>[] {
  const repo = findRepo(database, path)
  if (repo === undefined) return []
  const counts = packageCounts(database, repo)
  const shownAt = shownElsewhere(database)
  const all = generations(database, repo)
  const origins = new Map(originsOf(database, repo).map((origin) => [origin.generation, origin]))
  const hold = holdOf(database, repo)
  return all
    .map((generation, i) => {
      const { added = 0, removed = 0 } = counts.get(generation.number) ?? {}
      // What the oldest one removed went with the generation that had it.
      const isKnown = i > 0 || generation.number === 1
      const isHeld = hold !== undefined && i === all.length - 1
      const origin = origins.get(generation.number)
      const shown = shownAt.get(`${path}@${generation.number}`) ?? []
      const place = { origin, hold: isHeld ? hold : undefined, shown }
      return { ...generation, added, removed: isKnown ? removed : undefined, ...place }
    })
    .reverse()
}

const columns = [
  { heading: 'repository' },
  { heading: 'generation', number: true },
  { heading: 'state' },
  { heading: 'created (UTC)' },
  { heading: 'superseded (UTC)' },
  { heading: 'packages', number: true },
  { heading: 'size', number: true },
  { heading: 'added', number: true },
  { heading: 'removed', number: true },
  { heading: 'trust' },
  { heading: 'revision' },
  { heading: 'made by' },
  { heading: 'shown at' },
]

function generationsTable(retained: readonly Retained[]): string {
  const rows = retained.map(({ repo, number, created, superseded, packages, bytes, added, removed, trust, ...one }) => [
    one.channel === undefined ? repo : `${one.channel}:${repo}`,
    String(number),
    `${one.state === 'published' && superseded === undefined ? 'current' : one.state}${one.hold === undefined ? '' : ', held'}`,
    timeText(created),
    timeText(superseded),
    countText(packages),
    bytesText(bytes),
    countText(added),
    removed === undefined ? '-' : countText(removed),
    trust,
    one.revision,
    madeBy(one.origin, one.channel),
    one.shown.join(' '),
  ])
  return formatTable(columns, rows)
}

/** No sync publishes into a channel: what was made there by nobody is what a repair left of what it showed. */
function madeBy(origin: KnownOrigin | undefined, channel: string | undefined): string {
  if (origin === undefined) return channel === undefined ? 'sync' : 'verify --repair'
  const { verb, source, sourceGeneration, by, gates } = origin
  const asked = gates.map(({ gate, problem }) => `${gate} ${problem === undefined ? 'agreed' : 'refused'}`)
  return `${verb} of ${source} ${sourceGeneration} by ${by}${asked.length === 0 ? '' : ` (${asked.join(', ')})`}`
}

function timeText(at: number | undefined): string {
  return at === undefined ? '-' : new Date(at).toISOString().slice(0, 19).replace('T', ' ')
}

/** Times are ISO 8601 in UTC, sizes bytes, the timestamp that of repomd.xml in seconds; null is what is not known. */
function generationsJson(retained: readonly Retained[]): string {
  const told = retained.map(({ repo, path, number, created, superseded, ...one }) => ({
    repo,
    path,
    number,
    ...one,
    created: new Date(created).toISOString(),
    superseded: superseded === undefined ? null : new Date(superseded).toISOString(),
    removed: one.removed ?? null,
    channel: one.channel ?? null,
    origin: one.origin === undefined ? null : { ...one.origin, at: new Date(one.origin.at).toISOString() },
    hold: one.hold === undefined ? null : { ...one.hold, at: new Date(one.hold.at).toISOString() },
    overrides: one.overrides ?? null,
  }))
  return `${JSON.stringify({ generations: told }, null, 2)}\n`
}
