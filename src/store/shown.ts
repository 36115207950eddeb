import type { Database } from './database.ts'

/** A generation by its publish path and number. */
type Known = { path: string; generation: number }

/**
 * The publish paths (channels, snapshots) that show a generation again now, whichever paths it came by; by `path@number` of
 * the generation at its own path.
 */
export function shownElsewhere(database: Database): Map<string, string[]> {
  const shown = new Map<string, string[]>()
  // A database that is only looked at may be of before there were any.
  if (database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'origin'").get() === undefined) return shown
  const origins = originsByPath(database)
  for (const current of currentlyShown(database)) {
    let origin = origins.get(keyOf(current))
    for (let steps = 0; origin !== undefined && steps < maxSteps; steps++) {
      const key = keyOf(origin)
      if (origin.path !== current.path) shown.set(key, [...(shown.get(key) ?? []), current.path])
      origin = origins.get(key)
    }
  }
  return shown
}

/** From a repository by channels to the last one, and back again after mistakes. */
const maxSteps = 100

/** What each generation that no sync has made shows again. */
function originsByPath(database: Database): Map<string, Known> {
  const sql = `SELECT path, generation, source, source_generation AS number FROM origin JOIN repo ON repo.id = origin.repo`
  const rows = database.prepare(sql).all() as { path: string; generation: number; source: string; number: number }[]
  return new Map(rows.map(({ source, number, ...own }) => [keyOf(own), { path: source, generation: number }]))
}

function currentlyShown(database: Database): Known[] {
  const sql = `SELECT path, number AS generation FROM generation JOIN repo ON repo.id = generation.repo
    WHERE state = 'published' AND superseded IS NULL ORDER BY path`
  return database.prepare(sql).all() as Known[]
}

function keyOf({ path, generation }: Known): string {
  return `${path}@${generation}`
}
