import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { documents } from '../repodata/documents.ts'
import type { State } from '../store/state.ts'
import { writeDatabases } from './databases.ts'
import { adopted, type MetadataFile } from './pooled.ts'

/** Writes the databases of three documents that are in the pool, and gives them to it; gzip is what reads them all. */
export async function writePooledDatabases(
  files: readonly MetadataFile[],
  { tmp, pool }: Pick<State, 'tmp' | 'pool'>,
  signal: AbortSignal,
): Promise<MetadataFile[]> {
  const folder = mkdtempSync(join(tmp, 'databases-'))
  try {
    const staged = await writeDatabases(sourcesOf(files, pool), { folder, format: 'gz', signal })
    return staged.map(({ type, name, written }) => adopted(type, name, written, pool))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function sourcesOf(files: readonly MetadataFile[], pool: State['pool']) {
  const sources = documents.map((name) => {
    const found = files.find(({ type }) => type === name) as MetadataFile
    const { sha256: hex, openChecksum, openSize } = found
    return [name, { file: pool.path(hex), checksum: { algorithm: 'sha256', hex }, openChecksum, openSize }]
  })
  return Object.fromEntries(sources) as Parameters<typeof writeDatabases>[0]
}
