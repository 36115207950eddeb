import { realpath } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { isSystemError } from '../errors.ts'

/** Whether a path is a folder itself or below it. */
export function isWithin(path: string, folder: string): boolean {
  return !/^\.\.(\/|$)/.test(relative(folder, path))
}

/** An absolute path without symbolic links, as far as it exists. */
export async function withoutLinks(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    if (!isSystemError(error) || path === dirname(path)) return path
    return join(await withoutLinks(dirname(path)), basename(path))
  }
}
