import type { MetadataFile } from '../publish/pooled.ts'
import { sniff, suffixes, type WrittenFormat } from '../repodata/compression.ts'
import type { DocumentName } from '../repodata/documents.ts'
import { matchedRecords } from './matched.ts'
import type { PlacedPlan } from './place.ts'
import type { Run } from './run.ts'
import { named, type Source } from './source.ts'
import { spillPath } from './spill.ts'

/**
 * Upstream's own document, where it holds exactly what is wanted in the format that is written; undefined otherwise.
 * Primary was read whole for the plan; the other two are read here, to see that they hold the same packages.
 */
export async function wholeDocument(
  name: DocumentName,
  { plan, moved }: PlacedPlan,
  format: WrittenFormat,
  run: Run,
): Promise<MetadataFile | undefined> {
  const { upstream, kept } = plan
  const document = upstream.documents[name]
  if (document === undefined || moved.size > 0 || kept !== undefined || !isAllWanted(upstream)) return undefined
  if ((await sniff(document.file)).format !== format) return undefined
  if (name !== 'primary' && !(await matchesPrimary(name, upstream, run))) return undefined
  const { record, content } = document
  const { openChecksum, openSize } = record
  const path = `repodata/${content.sha256}-${name}.xml${suffixes[format]}`
  return { ...content, type: name, path, openChecksum, openSize }
}

/** In createrepo_c's own form, too: dnf reads a document with prefixes as an empty one. */
function isAllWanted({ plain, rows, table }: Source): boolean {
  return plain && rows.length === table.length
}

/**
 * Reads filelists or other through: whether it holds just the wanted packages in primary's order.
 * @throws E_MISMATCH where it lacks one
 */
export function matchesPrimary(name: Exclude<DocumentName, 'primary'>, source: Source, run: Run): Promise<boolean> {
  return named(name, async () => {
    const batches = matchedRecords(name, source, spillPath(name, run))
    for (;;) {
      const batch = await batches.next()
      if (batch.done === true) return batch.value
    }
  })
}
