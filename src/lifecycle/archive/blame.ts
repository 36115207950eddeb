import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isSystemError, MirrorError } from '../../errors.ts'
import { type Archive, type Part, partAt, piecesOf } from './input.ts'
import { sumsFile } from './output.ts'

/**
 * An error in an archive of several parts with the part that is at fault: by the digests that were written beside them,
 * or else the one that was being read.
 */
export async function blame(error: unknown, archive: Archive, position: number): Promise<unknown> {
  if (!(error instanceof MirrorError) || archive.parts.length === 1) return error
  if (!['E_ARCHIVE', 'E_CHECKSUM', 'E_SIZE'].includes(error.code)) return error
  const wrong = await wrongPart(archive)
  const text = wrong ?? `it is in ${partAt(archive, position - 1).file} or right before it`
  return new MirrorError(error.code, `${error.message}; ${text}`, { cause: error })
}

/** The first part that is not what was written, in words; undefined where that cannot be told. */
async function wrongPart(archive: Archive): Promise<string | undefined> {
  const sums = readSums(archive)
  if (sums === undefined) return undefined
  for (const [i, part] of archive.parts.entries()) {
    const found = await digestOf(part)
    if (found === sums[i]) continue
    const other = sums.indexOf(found)
    if (other === -1) return `${part.file} is damaged: copy it again`
    return `${part.file} is in the place of ${archive.parts[other]?.file}: name them as they were`
  }
  return undefined
}

/** The digests of an archive's parts, as `sha256sum -c` reads them. */
function readSums({ file, parts }: Archive): string[] | undefined {
  try {
    const lines = readFileSync(sumsFile(file), 'utf8').trim().split('\n')
    const sums = lines.map((line) => /^([0-9a-f]{64}) {2}/.exec(line)?.[1] ?? '')
    return sums.length === parts.length ? sums : undefined
  } catch (error) {
    if (isSystemError(error)) return undefined
    throw error
  }
}

async function digestOf(part: Part): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of piecesOf(part)) hash.update(piece)
  return hash.digest('hex')
}
