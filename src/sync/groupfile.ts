import { readFileSync, statSync } from 'node:fs'
import type { Repo } from '../config/repo.ts'
import { fromSystem, MirrorError } from '../errors.ts'
import { type MetadataFile, writePooledRecord } from '../publish/pooled.ts'
import { checkComps, maxCompsBytes } from '../repodata/comps.ts'
import type { Run } from './run.ts'

/** The operator's own comps.xml; undefined without one. @throws E_IO, E_LIMIT for a file that cannot be read */
export function readGroupfile({ groupfile }: Pick<Repo, 'groupfile'>): Buffer | undefined {
  if (groupfile === undefined) return undefined
  try {
    const { size } = statSync(groupfile)
    if (size > maxCompsBytes)
      throw new MirrorError('E_LIMIT', `groupfile ${groupfile}: more than ${maxCompsBytes} bytes`)
    return readFileSync(groupfile)
  } catch (error) {
    throw fromSystem(error, `Cannot read the groupfile ${groupfile}`)
  }
}

/** The metadata with the operator's own groups in place of upstream's, plain as createrepo_c writes them, too. */
export async function withOwnGroups(files: MetadataFile[], { repo, state }: Run): Promise<MetadataFile[]> {
  const bytes = readGroupfile(repo)
  if (bytes === undefined) return files
  try {
    checkComps(bytes)
  } catch (error) {
    if (!(error instanceof MirrorError)) throw error
    throw new MirrorError(error.code, `groupfile ${repo.groupfile}: ${error.message}`, { cause: error })
  }
  const written = (await writePooledRecord('group', 'comps.xml', whole(bytes), 'none', state)) as MetadataFile
  return [...files.filter(({ type }) => !/^group(?:_|$)/.test(type)), written]
}

async function* whole(bytes: Buffer): AsyncGenerator<Buffer, boolean, undefined> {
  yield bytes
  return true
}
