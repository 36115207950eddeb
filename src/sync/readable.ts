import { basename } from 'node:path'
import { kindOf } from '../publish/metadataName.ts'
import { type MetadataFile, writePooledRecord } from '../publish/pooled.ts'
import { readOpened, sniff } from '../repodata/compression.ts'
import type { Run } from './run.ts'
import { namedBatches } from './source.ts'

/** Metadata as the repository's oldest clients can read it: for yum 3 zstd is written in gzip, comps without compression. */
export async function readable(files: MetadataFile[], run: Run): Promise<MetadataFile[]> {
  if (run.repo.readableBy === 'dnf') return files
  const written: MetadataFile[] = []
  for (const file of files) written.push(await inOldForm(file, run))
  return written
}

async function inOldForm(file: MetadataFile, { state }: Run): Promise<MetadataFile> {
  const source = state.pool.path(file.sha256)
  if ((await sniff(source)).format !== 'zst') return file
  const format = file.type === 'group' ? 'none' : 'gz'
  const name = kindOf(basename(file.path))
  const parts = namedBatches(file.type, unpacked(readOpened(source, file)))
  return (await writePooledRecord(file.type, name, parts, format, state)) as MetadataFile
}

async function* unpacked(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer, boolean, undefined> {
  yield* bytes
  return true
}
