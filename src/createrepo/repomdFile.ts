import { readFileSync } from 'node:fs'
import { isSystemError, MirrorError } from '../errors.ts'
import { parseRepomd, type Repomd } from '../repodata/repomd.ts'

/**
 * Reads a repomd.xml that must be there.
 * @param next what a person does where there is none
 * @throws E_REPOMD where there is none, E_NOT_REPOMD and E_REPOMD where it cannot be used
 */
export function readRepomdFile(file: string, next: string): Repomd {
  try {
    return parseRepomd(readFileSync(file))
  } catch (cause) {
    if (cause instanceof MirrorError)
      throw new MirrorError(cause.code, `Cannot use ${file}: ${cause.message}`, { cause })
    if (!isSystemError(cause, 'ENOENT', 'ENOTDIR')) throw cause
    throw new MirrorError('E_REPOMD', `${file} does not exist; ${next}`, { cause })
  }
}
