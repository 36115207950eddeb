import { bytesText, countText } from '../amounts.ts'
import { chooseRepos } from '../config/choose.ts'
import { loadConfig } from '../config/load.ts'
import { packageCounts } from '../store/changes.ts'
import { type Database, openDatabaseReadOnly } from '../store/database.ts'
import { findRepo, type Generation, generations } from '../store/generations.ts'
import { databasePath } from '../store/state.ts'
import { formatTable } from './table.ts'

/** A retained generation, and how many packages it added and removed; undefined where the one before is no longer retained. */
type Retained = Generation & { repo: string; path: string; added: number; removed: number | undefined }

/** Every retained generation of the chosen repositories, newest first, as a table or JSON. */
export async function generationsReport(
  operands: readonly string[],
  form: 'table' | 'json',
  configFile: string,
): Promise<string> {
  const config = await loadConfig(configFile)
  const repos = chooseRepos(config, operands)
  const database = openDatabaseReadOnly(databasePath(config.state))
  try {
    const retained = database === undefined ? [] : repos.flatMap((repo) => retainedOf(repo, database))
    return form === 'json' ? generationsJson(retained) : generationsTable(retained)
  } finally {
    database?.close()
  }
}

function retainedOf({ id, path }: { id: string; path: string }, database: Database): Retained[] {
  const repo = findRepo(database, path)
  if (repo === undefined) return []
  const counts = packageCounts(database, repo)
  const all = generations(database, repo)
  return all
    .map((generation, i) => {
      const { added = 0, removed = 0 } = counts.get(generation.number) ?? {}
      // What the oldest one removed went with the generation that had it.
      const isKnown = i > 0 || generation.number === 1
      return { ...generation, repo: id, path, added, removed: isKnown ? removed : undefined }
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
]

function generationsTable(retained: readonly Retained[]): string {
  const rows = retained.map(({ repo, number, created, superseded, packages, bytes, added, removed, trust, ...one }) => [
    repo,
    String(number),
    one.state === 'published' && superseded === undefined ? 'current' : one.state,
    timeText(created),
    timeText(superseded),
    countText(packages),
    bytesText(bytes),
    countText(added),
    removed === undefined ? '-' : countText(removed),
    trust,
    one.revision,
  ])
  return formatTable(columns, rows)
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
    overrides: one.overrides ?? null,
  }))
  return `${JSON.stringify({ generations: told }, null, 2)}\n`
}
