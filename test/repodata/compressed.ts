import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { type Opened, readOpened } from '../../src/repodata/compression.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'

/** What a program makes of an input. */
export function piped(input: Buffer, command: string, ...args: string[]): Buffer {
  return execFileSync(command, args, { input, maxBuffer: 2 ** 30, stdio: ['pipe', 'pipe', 'pipe'] })
}

/** How each format is made, and the program that it needs. */
export const makers: Record<
  'gz' | 'zst' | 'xz' | 'bz2' | 'none',
  { make: (input: Buffer) => Buffer; needs: string[] }
> = {
  gz: { make: gzipSync, needs: [] },
  zst: { make: (input) => zstdCompressSync(input), needs: [] },
  xz: { make: (input) => piped(input, 'xz', '-c'), needs: ['xz'] },
  bz2: { make: (input) => piped(input, 'bzip2', '-c'), needs: ['bzip2'] },
  none: { make: (input) => input, needs: [] },
}

/** Reads bytes as a document of the pool; their name says nothing of their format. */
export async function opened(bytes: Buffer, expected: Partial<Opened> = {}): Promise<Buffer> {
  await using folder = await makeTemporaryFolder()
  const file = join(folder.path, 'document')
  await writeFile(file, bytes)
  const chunks: Buffer[] = []
  for await (const chunk of readOpened(file, { openSize: undefined, openChecksum: undefined, ...expected }))
    chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** How many bytes of a file come out before it fails, and how it fails. */
export async function failing(
  bytes: Buffer,
  expected: Partial<Opened> = {},
): Promise<{ size: number; error: unknown }> {
  await using folder = await makeTemporaryFolder()
  const file = join(folder.path, 'document')
  await writeFile(file, bytes)
  let size = 0
  try {
    for await (const chunk of readOpened(file, { openSize: undefined, openChecksum: undefined, ...expected }))
      size += chunk.length
  } catch (error) {
    return { size, error }
  }
  throw new Error(`it did not fail, ${size} bytes came out`)
}
