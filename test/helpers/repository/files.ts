import { mkdir, readdir, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Writes a file whose name appears only when it is complete; `mtime` in seconds. */
export async function replaceFile(dir: string, path: string, bytes: Buffer, mtime?: number): Promise<void> {
  if (path.startsWith('/') || path.split('/').includes('..')) throw new Error(`${path} is not below the repository`)
  const file = join(dir, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(`${file}.new`, bytes)
  if (mtime !== undefined) await utimes(`${file}.new`, mtime, mtime)
  await rename(`${file}.new`, file)
}

/** Removes files of the repository, for instance packages that its metadata goes on naming. */
export async function removeFiles(dir: string, paths: string[]): Promise<void> {
  for (const path of paths) await rm(join(dir, path))
}

/** Removes metadata and packages other than these paths. */
export async function removeAllBut(dir: string, paths: string[]): Promise<void> {
  const kept = new Set(paths)
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const ours = files.map((file) => file.slice(dir.replace(/\/*$/, '/').length)).filter(isOfRepository)
  await removeFiles(
    dir,
    ours.filter((path) => !kept.has(path)),
  )
}

function isOfRepository(path: string): boolean {
  return path.startsWith('repodata/') || path.endsWith('.rpm')
}
