import { isUnique, type MetadataFile } from '../../publish/pooled.ts'
import type { NewGeneration } from '../../publish/publish.ts'
import { documents } from '../../repodata/documents.ts'
import type { Edition } from '../edition.ts'
import type { PlacedPlan } from '../place.ts'
import { generationBefore, type Run } from '../run.ts'
import { matchesPrimary } from '../whole.ts'
import { verbatimFile } from './file.ts'

/** All of upstream's metadata files as they are, when filelists and other are known to have what primary lists. */
export async function verbatimMetadata({ plan, carried }: PlacedPlan, run: Run): Promise<MetadataFile[]> {
  const files: MetadataFile[] = []
  for (const name of documents) {
    const document = plan.upstream.documents[name]
    if (document === undefined) continue
    if (name !== 'primary') await matchesPrimary(name, plan.upstream, run)
    files.push(verbatimFile(document.record, document.content))
  }
  const all = [...files, ...carried]
  const unhashed = all.filter((file) => !isUnique(file)).map(({ path }) => path)
  if (unhashed.length > 0)
    run.notice(
      'warn',
      `unhashed names: ${unhashed.join(', ')} change under their names, as at the upstream; who reads meanwhile may fail; metadata: generate names them by their digests`,
    )
  return all
}

/** Upstream's own repomd.xml. That it never goes backwards is in upstream's hands then. */
export function verbatimRepomd(
  { bytes, repomd: { revision, records } }: Edition,
  run: Run,
): Pick<NewGeneration, 'repomd' | 'revision' | 'timestamp'> {
  const timestamp = Math.max(0, ...records.map((record) => record.timestamp))
  const before = generationBefore(run)
  if (before !== undefined && timestamp < before.timestamp)
    run.notice('warn', "upstream's repomd.xml is older than the one that is published here; yum 3 will not take it")
  return { repomd: bytes, revision, timestamp }
}
