import { unlinkSync } from 'node:fs'
import { isSystemError } from '../../errors.ts'

/** Removes a file that may be gone already; a folder in its place is left alone. A link is removed and not followed. */
export function removeFile(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR', 'EISDIR')) throw error
  }
}
