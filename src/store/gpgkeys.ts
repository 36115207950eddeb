import type { Database } from './database.ts'
import type { Validators } from './looks.ts'

/** OpenPGP keys as they were last fetched; `at` in milliseconds. */
export type RememberedKeys = { bytes: Buffer; validators: Validators; at: number }

export function rememberedKeys(database: Database, repo: number, url: string): RememberedKeys | undefined {
  const row = database.prepare('SELECT bytes, validators, at FROM gpgkey WHERE repo = ? AND url = ?').get(repo, url)
  if (row === undefined) return undefined
  const { bytes, validators, at } = row as { bytes: Uint8Array; validators: string; at: number }
  return { bytes: Buffer.from(bytes), validators: JSON.parse(validators), at }
}

export function rememberKeys(
  database: Database,
  repo: number,
  url: string,
  { bytes, validators, at }: RememberedKeys,
): void {
  database
    .prepare('INSERT OR REPLACE INTO gpgkey VALUES (?, ?, ?, ?, ?)')
    .run(repo, url, bytes, JSON.stringify(validators), at)
}
