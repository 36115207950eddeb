import { bytesText, countText, durationText } from '../amounts.ts'
import { chooseRepos } from '../config/choose.ts'
import { loadConfig } from '../config/load.ts'
import { openDatabaseReadOnly } from '../store/database.ts'
import { findRepo } from '../store/generations.ts'
import { lastRuns, type RunRecord } from '../store/runs.ts'
import { databasePath } from '../store/state.ts'
import { formatTable } from './table.ts'

type Past = RunRecord & { repo: string }

/** The last runs of the chosen repositories, as a table or JSON. */
export async function historyReport(
  operands: readonly string[],
  limit: number,
  form: 'table' | 'json',
  configFile: string,
): Promise<string> {
  const config = await loadConfig(configFile)
  const database = openDatabaseReadOnly(databasePath(config.state))
  try {
    const runs = chooseRepos(config, operands).flatMap(({ id, path }) => {
      const row = database && findRepo(database, path)
      return database === undefined || row === undefined
        ? []
        : lastRuns(database, row, limit).map((run) => ({ repo: id, ...run }))
    })
    runs.sort((a, b) => b.at - a.at)
    return form === 'json' ? historyJson(runs) : historyTable(runs)
  } finally {
    database?.close()
  }
}

const columns = [
  { heading: 'repository' },
  { heading: 'began (UTC)' },
  { heading: 'took', number: true },
  { heading: 'added', number: true },
  { heading: 'removed', number: true },
  { heading: 'fetched', number: true },
  { heading: 'result' },
]

function historyTable(runs: readonly Past[]): string {
  const rows = runs.map(({ repo, at, milliseconds, added, removed, bytes, result, message }) => [
    repo,
    new Date(at).toISOString().slice(0, 19).replace('T', ' '),
    durationText(milliseconds / 1000),
    countText(added),
    countText(removed),
    bytesText(bytes),
    message ?? result,
  ])
  return formatTable(columns, rows)
}

function historyJson(runs: readonly Past[]): string {
  const told = runs.map(({ at, milliseconds, message, ...run }) => ({
    ...run,
    at: new Date(at).toISOString(),
    seconds: milliseconds / 1000,
    message: message ?? null,
  }))
  return `${JSON.stringify({ runs: told }, null, 2)}\n`
}
