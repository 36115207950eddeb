import type { Database } from './database.ts'

/** What the server said of a file that lets the next request for it be conditional; empty where it said nothing. */
export type Validators = { etag?: string; lastModified?: string }

/** Files of the upstream that no metadata vouches for, by path, as they were last seen. */
export type SeenFiles = Readonly<Record<string, { sha256: string; validators: Validators }>>

/**
 * What the last completed run of a repo was made from: a hash of its settings, the sha256 of upstream's repomd.xml
 * and the validators that came with it, and other files. It says nothing of a change after `until` (milliseconds).
 */
export type Look = {
  settings: string
  repomd: string
  validators: Validators
  until: number | undefined
  files: SeenFiles
}

export function readLook(database: Database, repo: number): Look | undefined {
  const row = database.prepare('SELECT settings, repomd, validators, until, files FROM look WHERE repo = ?').get(repo)
  if (row === undefined) return undefined
  const { settings, repomd, validators, until, files } = row as Record<string, string> & { until: number | null }
  return {
    settings: settings as string,
    repomd: repomd as string,
    validators: JSON.parse(validators as string),
    until: until ?? undefined,
    files: JSON.parse(files as string),
  }
}

export function writeLook(database: Database, repo: number, look: Look): void {
  const { settings, repomd, validators, until, files } = look
  const columns = 'repo, at, settings, repomd, validators, until, files'
  database
    .prepare(`INSERT OR REPLACE INTO look (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?)`)
    .run(repo, Date.now(), settings, repomd, JSON.stringify(validators), until ?? null, JSON.stringify(files))
}

/** Remembers that the upstream was found unchanged now. */
export function touchLook(database: Database, repo: number): void {
  database.prepare('UPDATE look SET at = ? WHERE repo = ?').run(Date.now(), repo)
}

/** When the upstream was last compared with what is published, in milliseconds. */
export function lastLook(database: Database, repo: number): number | undefined {
  return database.prepare('SELECT at FROM look WHERE repo = ?').get(repo)?.at as number | undefined
}

/** Has the next sync compare all with the upstream anew: what is published is not what the last one made. */
export function forgetLook(database: Database, repo: number): void {
  database.prepare('DELETE FROM look WHERE repo = ?').run(repo)
}
