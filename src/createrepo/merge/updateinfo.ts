import { createHash } from 'node:crypto'
import { MirrorError } from '../../errors.ts'
import { readOpened } from '../../repodata/compression.ts'
import { updateinfoDocument, updatesOf } from '../../repodata/updateinfo/updateinfo.ts'
import { metadataOf, type Source } from './source.ts'

/**
 * One updateinfo.xml of all advisories of the repositories, each once; undefined where no repository has any. Advisories
 * of one id that tell of different packages all stay: dnf and zypper read them together, as they do from repositories
 * apart. mergerepo_c writes an empty document instead (src/mergerepo_c.c 1447).
 */
export async function mergeUpdateinfo(sources: readonly Source[]): Promise<AsyncIterable<Buffer> | undefined> {
  const found = await Promise.all(
    sources.map(async (source) => ({ source, file: await metadataOf(source, 'updateinfo') })),
  )
  return found.some(({ file }) => file !== undefined) ? updateinfoDocument(merged(found)) : undefined
}

type Found = { source: Source; file: Awaited<ReturnType<typeof metadataOf>> }

async function* merged(found: readonly Found[]): AsyncGenerator<Buffer, void, undefined> {
  const seen = new Set<string>()
  for (const { source, file } of found) {
    if (file === undefined) continue
    try {
      for await (const update of updatesOf(readOpened(file.file, file))) {
        const digest = createHash('sha256').update(update).digest('base64')
        if (seen.has(digest)) continue
        seen.add(digest)
        yield update
      }
    } catch (cause) {
      if (!(cause instanceof MirrorError)) throw cause
      throw new MirrorError(cause.code, `Cannot read updateinfo of ${source.given}: ${cause.message}`, { cause })
    }
  }
}
