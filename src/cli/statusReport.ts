import { agoText, bytesText, countText } from '../amounts.ts'
import { loadConfig } from '../config/load.ts'
import type { Repo } from '../config/repo.ts'
import { type Database, openDatabaseReadOnly } from '../store/database.ts'
import { currentGeneration, findRepo, type Generation } from '../store/generations.ts'
import { lastLook } from '../store/looks.ts'
import { lastRuns, type RunRecord } from '../store/runs.ts'
import { databasePath } from '../store/state.ts'
import { chooseRepos } from './repos.ts'
import { formatTable } from './table.ts'

type Status = { repo: Repo; generation: Generation | undefined; looked: number | undefined; run: RunRecord | undefined }

/** What is published of the chosen repositories and how their last runs ended, as a table or JSON. */
export async function statusReport(
  operands: readonly string[],
  form: 'table' | 'json',
  configFile: string,
): Promise<string> {
  const config = await loadConfig(configFile)
  const database = openDatabaseReadOnly(databasePath(config.state))
  try {
    const statuses = chooseRepos(config, operands).map((repo) => statusOf(repo, database))
    return form === 'json' ? statusJson(statuses) : statusTable(statuses)
  } finally {
    database?.close()
  }
}

function statusOf(repo: Repo, database: Database | undefined): Status {
  const row = database && findRepo(database, repo.path)
  if (database === undefined || row === undefined)
    return { repo, generation: undefined, looked: undefined, run: undefined }
  const [run] = lastRuns(database, row, 1)
  return { repo, generation: currentGeneration(database, row), looked: lastLook(database, row), run }
}

const columns = [
  { heading: 'repository' },
  { heading: 'generation', number: true },
  { heading: 'published' },
  { heading: 'checked' },
  { heading: 'packages', number: true },
  { heading: 'size', number: true },
  { heading: 'trust' },
  { heading: 'last run' },
]

function statusTable(statuses: readonly Status[]): string {
  const rows = statuses.map(({ repo, generation, looked, run }) => [
    repo.id,
    String(generation?.number ?? '-'),
    generation === undefined ? 'never' : agoText(generation.created),
    looked === undefined ? 'never' : agoText(looked),
    generation === undefined ? '-' : countText(generation.packages),
    generation === undefined ? '-' : bytesText(generation.bytes),
    generation?.trust ?? '-',
    lastRun(generation, run),
  ])
  return formatTable(columns, rows)
}

function lastRun(generation: Generation | undefined, run: RunRecord | undefined): string {
  if (run === undefined) return 'never'
  const selected = generation?.overrides === undefined ? '' : ` (published with ${generation.overrides})`
  return `${run.message ?? run.result}${selected}`
}

function statusJson(statuses: readonly Status[]): string {
  const repos = statuses.map(({ repo, generation, looked, run }) => ({
    repo: repo.id,
    path: repo.path,
    generation: generation ?? null,
    checked: looked === undefined ? null : new Date(looked).toISOString(),
    lastRun: run === undefined ? null : { ...run, at: new Date(run.at).toISOString() },
  }))
  return `${JSON.stringify({ repos }, null, 2)}\n`
}
