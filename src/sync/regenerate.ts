import type { Repo } from '../config/repo.ts'
import { type MetadataFile, writeDocument } from '../publish/document.ts'
import { formatLike, sniff, suffixes, type WrittenFormat } from '../repodata/compression.ts'
import { type DocumentName, documents } from '../repodata/documents.ts'
import { relocate } from '../repodata/primary.ts'
import type { State } from '../store/state.ts'
import { matchedRecords } from './matched.ts'
import type { Moved } from './place.ts'
import { type Plan, spillPath } from './plan.ts'
import { named, namedBatches, openDocument, type Source, type SourceDocument } from './source.ts'

type Batches = AsyncGenerator<Buffer[], void, undefined>

/**
 * The three documents of what is published, made of upstream's own record bytes for exactly the wanted packages: same
 * order in all three, locations rewritten only where they moved. A document of which everything is wanted, unmoved,
 * is taken as it is.
 */
export async function regenerate(plan: Plan, moved: Moved, repo: Repo, state: State): Promise<MetadataFile[]> {
  const format = await outputFormat(plan, repo)
  return await Promise.all(
    documents.map(async (name) => {
      const whole = moved.size === 0 ? await wholeDocument(name, plan, format, state) : undefined
      return whole ?? (await writeDocument(name, plan.packages, records(name, plan, moved, state), format, state))
    }),
  )
}

/** The compression to write: the configured one, or one that whoever reads the upstream reads too. */
async function outputFormat({ upstream }: Plan, { compression }: Repo): Promise<WrittenFormat> {
  if (compression === 'upstream')
    return formatLike((await sniff((upstream.documents.primary as SourceDocument).file)).format)
  return compression === 'zstd' ? 'zst' : compression
}

async function* records(name: DocumentName, plan: Plan, moved: Moved, { tmp }: State): Batches {
  for (const [source, places] of [[plan.upstream, moved] as const, [plan.kept, new Map()] as const]) {
    if (source === undefined) continue
    if (name === 'primary') yield* namedBatches(name, primaryRecords(source, places))
    else yield* namedBatches(name, matchedRecords(name, source, spillPath(tmp, name)))
  }
}

async function* primaryRecords({ documents, rows }: Source, moved: Moved): Batches {
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

/**
 * Upstream's own file, where it holds exactly what is wanted in the format that is written; undefined otherwise.
 * Primary was read whole for the plan; the other two are read here, to see that they hold the same packages.
 */
async function wholeDocument(
  name: DocumentName,
  plan: Plan,
  format: WrittenFormat,
  state: State,
): Promise<MetadataFile | undefined> {
  const { upstream, kept } = plan
  const document = upstream.documents[name]
  const everything = upstream.plain && upstream.rows.length === upstream.table.length && kept === undefined
  if (document === undefined || !everything || (await sniff(document.file)).format !== format) return undefined
  if (name !== 'primary' && !(await named(name, () => isInOrder(name, upstream, spillPath(state.tmp, name)))))
    return undefined
  const { record, content } = document
  return {
    ...content,
    type: name,
    path: `repodata/${content.sha256}-${name}.xml${suffixes[format]}`,
    openChecksum: record.openChecksum,
    openSize: record.openSize,
  }
}

async function isInOrder(name: Exclude<DocumentName, 'primary'>, source: Source, spill: string): Promise<boolean> {
  const batches = matchedRecords(name, source, spill)
  for (;;) {
    const batch = await batches.next()
    if (batch.done === true) return batch.value
  }
}
