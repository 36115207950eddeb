import { createReadStream } from 'node:fs'
import { type Algorithm, Hasher } from '../../src/digest.ts'
import { type WrittenFile, writeCompressed } from '../../src/publish/compressed.ts'
import { readOpened, sniff } from '../../src/repodata/compression.ts'

/**
 * Copies a file that others made, byte for byte, from whichever file system to `file`, durably; a compressed one is
 * read through for its open checksum.
 * @throws E_FORMAT where its compression is broken
 */
export async function stageFile(source: string, file: string, algorithm: Algorithm = 'sha256'): Promise<WrittenFile> {
  const written = await writeCompressed(createReadStream(source), { file, format: 'none', algorithm })
  const { format } = await sniff(file)
  return format === 'none' ? written : { ...written, ...(await measureOpened(file, algorithm)) }
}

async function measureOpened(
  file: string,
  algorithm: Algorithm,
): Promise<Pick<WrittenFile, 'openChecksum' | 'openSize'>> {
  const hasher = new Hasher(algorithm)
  for await (const block of readOpened(file, { openSize: undefined, openChecksum: undefined })) hasher.update(block)
  return { openChecksum: hasher.finish().stated, openSize: hasher.bytes }
}
