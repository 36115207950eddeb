import { chmodSync, copyFileSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { isSystemError } from '../errors.ts'
import { makeDurable } from '../store/durable.ts'

/**
 * Gives a durable file its final name, over whatever has it: who opens the name finds the old content or the new one,
 * whole. Where repodata/ is a link to, or mounted from, another file system, the file is copied beside the name first.
 */
export async function moveFile(from: string, to: string): Promise<void> {
  chmodSync(from, 0o644)
  try {
    renameSync(from, to)
  } catch (error) {
    if (!isSystemError(error, 'EXDEV')) throw error
    await copyAcross(from, to)
    rmSync(from)
  }
}

async function copyAcross(from: string, to: string): Promise<void> {
  const beside = join(dirname(to), `.${basename(to)}.${process.pid}.new`)
  try {
    copyFileSync(from, beside)
    await makeDurable([beside], [])
    renameSync(beside, to)
  } catch (error) {
    rmSync(beside, { force: true })
    throw error
  }
}
