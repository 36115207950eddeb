import { createHash } from 'node:crypto'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { join, relative } from 'node:path'

/** Everything below a folder, sorted: `path sha256` for a file, `path -> target` for a link, `path/` for a folder. */
export async function listing(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const lines = entries.map(async (entry) => {
    const file = join(entry.parentPath, entry.name)
    const path = relative(folder, file)
    if (entry.isSymbolicLink()) return `${path} -> ${await readlink(file)}`
    return entry.isFile() ? `${path} ${sha256(await readFile(file))}` : `${path}/`
  })
  return (await Promise.all(lines)).sort()
}

/** The hex digest of some bytes. */
export function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}
