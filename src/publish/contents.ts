import { hash, randomBytes } from 'node:crypto'
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { contentRows } from '../store/content.ts'
import { makeDurable } from '../store/durable.ts'
import type { State } from '../store/state.ts'

/**
 * Makes a few bytes a content of the pool, durable and with its row. One that is there and undamaged stays the file that it
 * is, of which other paths have links.
 * @returns their sha256
 */
export async function addContent({ database, pool, tmp }: State, bytes: Buffer): Promise<string> {
  const sha256 = hash('sha256', bytes, 'hex')
  const digest = { algorithm: 'sha256', hex: sha256 } as const
  const rows = contentRows(database)
  if (rows.find(digest, bytes.length) !== undefined && (await pool.isIntact(sha256))) return sha256
  const temporary = join(tmp, `content-${process.pid}-${randomBytes(4).toString('hex')}.new`)
  const fd = openSync(temporary, 'w', 0o644)
  try {
    writeSync(fd, bytes)
    fdatasyncSync(fd)
  } finally {
    closeSync(fd)
  }
  pool.adopt(temporary, sha256)
  await makeDurable([], [dirname(pool.path(sha256))])
  rows.add([{ sha256, size: bytes.length, digest }])
  return sha256
}
