import { bytesText, countText, durationText } from '../amounts.ts'
import { placesOf } from '../config/channels.ts'
import { chooseRepos } from '../config/choose.ts'
import { loadConfig } from '../config/load.ts'
import type { Config, Repo } from '../config/repo.ts'
import { type Database, openDatabaseReadOnly } from '../store/database.ts'
import { findRepo } from '../store/generations.ts'
import { type KnownOrigin, originsOf } from '../store/origins.ts'
import { lastRuns, type RunRecord } from '../store/runs.ts'
import { databasePath } from '../store/state.ts'
import { formatTable } from './table.ts'

/** A run of a repository, or a promotion to a channel that was refused. */
type Past = RunRecord & { repo: string; channel: string | undefined }

/** What somebody had published that no sync has made: a promotion or a rollback, where, and as which generation. */
type PastOrigin = KnownOrigin & { repo: string; path: string }

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
    const repos = chooseRepos(config, operands)
    const runs = database === undefined ? [] : runsIn(repos, config, database, limit)
    const origins = database === undefined ? [] : originsIn(repos, config, database, limit)
    return form === 'json' ? historyJson(runs.sort(newestFirst), origins) : historyTable(runs, origins)
  } finally {
    database?.close()
  }
}

function runsIn(repos: readonly Repo[], config: Config, database: Database, limit: number): Past[] {
  return repos.flatMap((repo) =>
    placesOf(repo, config).flatMap(({ channel, path }) => {
      const row = findRepo(database, path)
      const runs = row === undefined ? [] : lastRuns(database, row, limit)
      return runs.map((run) => ({ repo: repo.id, channel, ...run }))
    }),
  )
}

function originsIn(repos: readonly Repo[], config: Config, database: Database, limit: number): PastOrigin[] {
  const all = repos.flatMap((repo) =>
    placesOf(repo, config).flatMap(({ path }) => {
      const row = findRepo(database, path)
      const origins = row === undefined ? [] : originsOf(database, row).slice(0, limit)
      return origins.map((origin) => ({ repo: repo.id, path, ...origin }))
    }),
  )
  return all.sort(newestFirst)
}

function newestFirst(a: { at: number }, b: { at: number }): number {
  return b.at - a.at
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

function historyTable(runs: readonly Past[], origins: readonly PastOrigin[]): string {
  const all = [
    ...runs.map((run) => ({ at: run.at, cells: runCells(run) })),
    ...origins.map((one) => ({ at: one.at, cells: originCells(one) })),
  ]
  return formatTable(
    columns,
    all.sort(newestFirst).map(({ cells }) => cells),
  )
}

function runCells({ repo, at, milliseconds, added, removed, bytes, result, message }: Past): string[] {
  const counts = [countText(added), countText(removed), bytesText(bytes)]
  return [repo, dateText(at), durationText(milliseconds / 1000), ...counts, message ?? result]
}

function originCells({ repo, at, verb, path, generation, source, sourceGeneration, by }: PastOrigin): string[] {
  const what = `${verb} by ${by}: ${path} ${generation} is ${source} ${sourceGeneration}`
  return [repo, dateText(at), '-', '-', '-', '-', what]
}

function dateText(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ')
}

function historyJson(runs: readonly Past[], origins: readonly PastOrigin[]): string {
  const told = runs.map(({ at, milliseconds, message, channel, ...run }) => ({
    ...run,
    ...(channel !== undefined && { channel }),
    at: new Date(at).toISOString(),
    seconds: milliseconds / 1000,
    message: message ?? null,
  }))
  const lifecycle = origins.map((origin) => ({ ...origin, at: new Date(origin.at).toISOString() }))
  return `${JSON.stringify({ runs: told, lifecycle }, null, 2)}\n`
}
