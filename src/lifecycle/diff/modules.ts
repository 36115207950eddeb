import { readOpened } from '../../repodata/compression.ts'
import { moduleStreams } from '../../repodata/modules/modules.ts'
import { compareVersions } from '../../rpm/evr.ts'
import { type PublishedDocument, readingDocument } from '../documents.ts'

/** A module's stream with its newest version before and after; null where there is none. */
export type StreamChange = { stream: string; before: string | null; after: string | null }

/** Compares the streams of two modules documents. */
export async function compareModules(
  before: PublishedDocument | undefined,
  after: PublishedDocument | undefined,
): Promise<StreamChange[]> {
  if (before?.sha256 === after?.sha256) return []
  const [past, now] = [await newestOf(before), await newestOf(after)]
  return [...new Set([...past.keys(), ...now.keys()])]
    .map((stream) => ({ stream, before: past.get(stream) ?? null, after: now.get(stream) ?? null }))
    .filter((change) => change.before !== change.after)
    .sort((a, b) => (a.stream < b.stream ? -1 : 1))
}

/** The newest version of each `name:stream`. */
async function newestOf(document: PublishedDocument | undefined): Promise<Map<string, string>> {
  const newest = new Map<string, string>()
  if (document === undefined) return newest
  await readingDocument(document, async () => {
    for await (const { name, stream, version } of moduleStreams(readOpened(document.file, document.record))) {
      const key = `${name}:${stream}`
      const other = newest.get(key)
      if (other === undefined || compareVersions(other, version) < 0) newest.set(key, version)
    }
  })
  return newest
}
