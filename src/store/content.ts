import type { Digest } from '../digest.ts'
import { type Database, transaction } from './database.ts'

/** A file that is durable in the pool. `digest` is what the upstream calls it by. */
export type Content = { sha256: string; size: number; digest: Digest }

/** The contents that the database vouches for: only files that were durable when their row was written. */
export function contentRows(database: Database) {
  const size = database.prepare('SELECT size FROM content WHERE sha256 = ?')
  const alias = database.prepare('SELECT sha256 FROM alias WHERE digest = ?')
  const insert = database.prepare('INSERT INTO content VALUES (?, ?) ON CONFLICT DO NOTHING')
  const insertAlias = database.prepare(
    'INSERT INTO alias VALUES (?, ?) ON CONFLICT DO UPDATE SET sha256 = excluded.sha256',
  )
  const listed = '(SELECT unhex(value) FROM json_each(?))'
  const remove = database.prepare(`DELETE FROM content WHERE sha256 IN ${listed}`)
  const removeChecked = database.prepare(`DELETE FROM checked WHERE sha256 IN ${listed}`)

  return {
    /** The content that the digest names, when its row is there with that size. */
    find(digest: Digest, bytes: number | undefined): Content | undefined {
      const sha256 = this.sha256Of(digest)
      const row = sha256 === undefined ? undefined : size.get(Buffer.from(sha256, 'hex'))
      if (sha256 === undefined || row === undefined) return undefined
      const found = row.size as number
      return bytes === undefined || found === bytes ? { sha256, size: found, digest } : undefined
    },

    /** The sha256 that a digest stands for: itself, or what one of another algorithm was once found to stand for. */
    sha256Of(digest: Digest): string | undefined {
      if (digest.algorithm === 'sha256') return digest.hex
      const row = alias.get(aliasKey(digest))
      return row === undefined ? undefined : Buffer.from(row.sha256 as Uint8Array).toString('hex')
    },

    /** Records contents whose files are durable. */
    add(contents: readonly Content[]): void {
      transaction(database, () => {
        for (const { sha256, size, digest } of contents) {
          const key = Buffer.from(sha256, 'hex')
          insert.run(key, size)
          if (digest.algorithm !== 'sha256') insertAlias.run(aliasKey(digest), key)
        }
      })
    },

    /** Takes back what was said of contents whose files are gone or damaged, or are to go: two statements, however many. */
    forget(contents: readonly string[]): void {
      const list = JSON.stringify(contents)
      transaction(database, () => {
        remove.run(list)
        removeChecked.run(list)
      })
    },
  }
}

export type ContentRows = ReturnType<typeof contentRows>

function aliasKey({ algorithm, hex }: Digest): string {
  return `${algorithm}:${hex}`
}

/** The bytes of all contents that the database vouches for: what the pool takes of the disk, but for blocks. */
export function poolBytes(database: Database): number {
  return Number(database.prepare('SELECT coalesce(sum(size), 0) AS bytes FROM content').get()?.bytes)
}
