import { type Database, getMeta, setMeta } from '../../store/database.ts'

/** Where what a repository shows was imported from: the state and its generation, by the manifest's sha256 of that archive. */
export type Origin = { state: string; number: number; repomd: string; manifest: string }

/** What a repository was imported from last; undefined for nothing. */
export function originOf(database: Database, path: string): Origin | undefined {
  const text = getMeta(database, key(path))
  return text === undefined ? undefined : (JSON.parse(text) as Origin)
}

/** Remembers it. */
export function rememberOrigin(database: Database, path: string, origin: Origin): void {
  setMeta(database, key(path), JSON.stringify(origin))
}

function key(path: string): string {
  return `imported ${path}`
}
