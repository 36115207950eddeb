import { algorithms, type Digest, parseDigest } from '../digest.ts'
import { MirrorError } from '../errors.ts'
import { atPlace, type NamedFile, NamedFiles } from './namedFiles.ts'
import { treePath } from './treePath.ts'

/** What the document is called, at the top of a tree. */
export const extraFilesName = 'extra_files.json'

/**
 * Reads the extra_files.json of a tree as productmd's ExtraFiles.dump_for_tree writes it: `data`, a list of
 * `{file, size, checksums: {type: hex}}`. The strongest checksum counts.
 * @throws E_TREEINFO, E_PATH, E_HASH or E_LIMIT naming the entry
 */
export function parseExtraFiles(bytes: Buffer): NamedFile[] {
  const files = new NamedFiles()
  for (const [i, entry] of listOf(bytes).entries()) {
    const place = `${extraFilesName}, entry ${i + 1}`
    atPlace(place, () => files.add({ ...namedFile(entry), place }))
  }
  return files.all
}

function listOf(bytes: Buffer): unknown[] {
  const data = (readJson(bytes) as { data?: unknown } | null)?.data
  if (Array.isArray(data)) return data
  throw new MirrorError('E_TREEINFO', `${extraFilesName}: it has no list called data`)
}

function readJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    throw new MirrorError('E_TREEINFO', `${extraFilesName}: it is no JSON: ${(cause as Error).message}`, { cause })
  }
}

function namedFile(entry: unknown): Omit<NamedFile, 'place'> {
  const { file, size, checksums } = (entry ?? {}) as Record<string, unknown>
  if (typeof file !== 'string') throw new MirrorError('E_TREEINFO', 'it names no file')
  const isSize = Number.isSafeInteger(size) && (size as number) >= 0
  if (size !== undefined && !isSize) throw new MirrorError('E_TREEINFO', `the size of ${file} is no number of bytes`)
  return { path: treePath(file), size: size as number | undefined, digest: strongest(checksums) }
}

function strongest(checksums: unknown): Digest | undefined {
  const stated = Object.entries((checksums ?? {}) as Record<string, unknown>)
  const digests = stated.flatMap(([type, hex]) =>
    typeof hex === 'string' && algorithms.some((known) => known === type.toLowerCase()) ? parseDigest(type, hex) : [],
  )
  return digests.sort((a, b) => algorithms.indexOf(b.algorithm) - algorithms.indexOf(a.algorithm))[0]
}
