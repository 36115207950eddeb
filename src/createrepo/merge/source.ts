import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MirrorError } from '../../errors.ts'
import { type Opened, readOpened } from '../../repodata/compression.ts'
import { kinds } from '../../repodata/documents.ts'
import type { Repomd, RepomdRecord } from '../../repodata/repomd.ts'
import { openRecords } from '../../xml/cut.ts'
import { openedOf, recordFile } from '../recordFile.ts'
import { readRepomdFile } from '../repomdFile.ts'

/** A repository that is merged. */
export type Source = {
  /** As the command line names it. */
  given: string
  /** What its hrefs are relative to: a URL or an absolute path, without a slash at the end. */
  base: string
  repomd: Repomd
  /** The path of a metadata file, which is fetched first where the repository is not a folder. */
  fileOf(record: RepomdRecord): Promise<string>
}

/** Opens a repository in a folder: a path, or a `file:` URL. */
export function openFolder(given: string): Source {
  const folder = /^file:/i.test(given) ? fileURLToPath(given) : resolve(given)
  const repomd = readRepomdFile(join(folder, 'repodata/repomd.xml'), '--repo names the folder that has repodata/')
  return { given, base: withoutSlash(folder), repomd, fileOf: async (record) => recordFile(folder, record) }
}

/** `/srv/repo` for `/srv/repo//`: createrepo_c writes bases so. */
export function withoutSlash(path: string): string {
  return path.replace(/(?<=.)\/+$/, '')
}

/** The file of the repository's metadata of a type and what repomd.xml says of it; undefined where it has none. */
export async function metadataOf(source: Source, type: string): Promise<(Opened & { file: string }) | undefined> {
  const record = source.repomd.records.find((one) => one.type === type)
  if (record === undefined) return undefined
  if (record.base !== undefined)
    throw new MirrorError(
      'E_REPOMD',
      `${source.given}: its ${type} is elsewhere (${record.base}), which is not followed`,
    )
  const file = await source.fileOf(record)
  return { file, ...(await openedOf(file, record)) }
}

/**
 * The records of one of the repository's documents, each valid until the next is asked for.
 * @throws what is wrong with the document, naming the repository
 */
export async function* openDocument(
  kind: keyof typeof kinds,
  source: Source,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  try {
    const document = await metadataOf(source, kind)
    if (document === undefined) throw new MirrorError('E_REPOMD', 'repomd.xml does not name it')
    const { head, batches } = await openRecords(readOpened(document.file, document), kinds[kind])
    let count = 0
    for await (const batch of batches) {
      signal.throwIfAborted()
      count += batch.length
      yield* batch
    }
    if (head.packages !== undefined && head.packages !== count)
      throw new MirrorError('E_MISMATCH', `packages="${head.packages}" expected, found ${count} records`)
  } catch (cause) {
    signal.throwIfAborted()
    if (!(cause instanceof MirrorError)) throw cause
    throw new MirrorError(cause.code, `Cannot read ${kind} of ${source.given}: ${cause.message}`, { cause })
  }
}
