import type { Repo } from '../config/repo.ts'
import { type MetadataFile, writePooledDocument } from '../publish/pooled.ts'
import { formatLike, sniff, type WrittenFormat } from '../repodata/compression.ts'
import { type DocumentName, documents } from '../repodata/documents.ts'
import { relocate } from '../repodata/primary/select.ts'
import { withOwnGroups } from './groupfile.ts'
import { matchedRecords } from './matched.ts'
import type { PlacedPlan } from './place.ts'
import type { Plan } from './plan.ts'
import { presentMetadata } from './present.ts'
import { readable } from './readable.ts'
import type { Run } from './run.ts'
import { namedBatches, openDocument, type Source, type SourceDocument } from './source.ts'
import { spillPath } from './spill.ts'
import { verbatimMetadata } from './verbatim/metadata.ts'
import { wholeDocument } from './whole.ts'

/**
 * The metadata of what is published. The three documents are made of upstream's own record bytes for exactly the
 * wanted packages: same order in all three, locations rewritten only where they moved. A document of which everything
 * is wanted, unmoved, is taken as it is, and so is other metadata that names no package which is not there. Where
 * upstream's own metadata is to be published nothing is written.
 */
export async function regenerate(placed: PlacedPlan, run: Run): Promise<MetadataFile[]> {
  const { plan } = placed
  run.progress.stage('repodata')
  if (run.repo.metadata === 'upstream') return await verbatimMetadata(placed, run)
  const format = await outputFormat(plan, run.repo)
  const written = documents.map(async (name) => {
    const whole = await wholeDocument(name, placed, format, run)
    return whole ?? (await writePooledDocument(name, plan.packages, records(name, placed, run), format, run.state))
  })
  const files = await Promise.all(written)
  const others = await withOwnGroups(await presentMetadata(placed, run), run)
  return [...files, ...(await databasesOf(files, run)), ...(await readable(others, run))]
}

async function databasesOf(files: MetadataFile[], { repo, state, signal }: Run): Promise<MetadataFile[]> {
  if (!repo.databases) return []
  const { writePooledDatabases } = await import('../publish/pooledDatabases.ts')
  return await writePooledDatabases(files, state, signal)
}

/** The compression to write: the configured one, or one that whoever reads the upstream reads too. */
async function outputFormat({ upstream }: Plan, { compression }: Repo): Promise<WrittenFormat> {
  if (compression === 'upstream')
    return formatLike((await sniff((upstream.documents.primary as SourceDocument).file)).format)
  return compression === 'zstd' ? 'zst' : compression
}

type Batches = AsyncGenerator<Buffer[], void, undefined>

async function* records(name: DocumentName, { plan, moved }: PlacedPlan, run: Run): Batches {
  yield* recordsOf(name, plan.upstream, moved, run)
  if (plan.kept !== undefined) yield* recordsOf(name, plan.kept, new Map(), run)
}

async function* recordsOf(name: DocumentName, source: Source, moved: PlacedPlan['moved'], run: Run): Batches {
  if (name === 'primary') yield* namedBatches(name, primaryRecords(source, moved))
  else yield* namedBatches(name, matchedRecords(name, source, spillPath(name, run)))
}

async function* primaryRecords({ documents, rows }: Source, moved: PlacedPlan['moved']): Batches {
  const { batches } = await openDocument('primary', documents.primary as SourceDocument)
  let row = 0
  let next = 0
  for await (const batch of batches) {
    const wanted: Buffer[] = []
    for (const record of batch) {
      if (row === rows[next]) {
        const href = moved.get(row)
        wanted.push(href === undefined ? record : relocate(record, href))
        next++
      }
      row++
    }
    yield wanted
  }
}
