import type { Database } from './database.ts'

/**
 * What the last completed run of a repo was made from: a hash of its settings, the sha256 of upstream's repomd.xml
 * and the validators that came with it. It says nothing after `until` (milliseconds).
 */
export type Look = {
  settings: string
  repomd: string
  validators: { etag?: string; lastModified?: string }
  until: number | undefined
}

export function readLook(database: Database, repo: number): Look | undefined {
  const row = database.prepare('SELECT settings, repomd, validators, until FROM look WHERE repo = ?').get(repo)
  if (row === undefined) return undefined
  const { settings, repomd, validators, until } = row as Record<string, string> & { until: number | null }
  return {
    settings: settings as string,
    repomd: repomd as string,
    validators: JSON.parse(validators as string),
    until: until ?? undefined,
  }
}

export function writeLook(database: Database, repo: number, { settings, repomd, validators, until }: Look): void {
  database
    .prepare('INSERT OR REPLACE INTO look (repo, at, settings, repomd, validators, until) VALUES (?, ?, ?, ?, ?, ?)')
    .run(repo, Date.now(), settings, repomd, JSON.stringify(validators), until ?? null)
}

/** Remembers that the upstream was found unchanged now. */
export function touchLook(database: Database, repo: number): void {
  database.prepare('UPDATE look SET at = ? WHERE repo = ?').run(Date.now(), repo)
}

/** When the upstream was last compared with what is published, in milliseconds. */
export function lastLook(database: Database, repo: number): number | undefined {
  return database.prepare('SELECT at FROM look WHERE repo = ?').get(repo)?.at as number | undefined
}
