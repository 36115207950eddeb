import { type MetadataFile, writePooledRecord } from '../publish/pooled.ts'
import { formatLike, readOpened, sniff } from '../repodata/compression.ts'
import { fileName } from '../repodata/updateinfo/packages.ts'
import type { FetchedPlan } from './fetchPlan.ts'
import type { Plan } from './plan.ts'
import { isModules } from './records.ts'
import type { Run } from './run.ts'
import { namedBatches, type SourceDocument } from './source.ts'

/** Names, NEVRAs and file names of the packages that are published, and NEVRAs of those of the upstream that are not. */
type Presence = {
  names: Set<string>
  published: Set<string>
  files: Set<string>
  dropped: Set<string>
  /** Our last modules documents, where packages stay that the upstream has dropped. */
  ownModules: SourceDocument | undefined
}

/**
 * The carried metadata as it is published: upstream's own files, but for modules documents that name packages which the
 * selection dropped, and for updateinfo and comps where they are to name present packages alone. Copies of these in
 * other forms are left out.
 */
export async function presentMetadata({ plan, carried }: FetchedPlan, run: Run): Promise<MetadataFile[]> {
  const { table, rows } = plan.upstream
  const kept = plan.kept?.modules
  const { updateinfo, comps } = run.repo
  const isTrimmed = (file: MetadataFile) =>
    (isModules(file) && (rows.length < table.length || kept !== undefined)) ||
    (file.type === 'updateinfo' && updateinfo === 'present') ||
    (file.type === 'group' && comps === 'present')
  if (kept === undefined && !carried.some(isTrimmed)) return carried
  const presence = presenceOf(plan)
  const files = carried.some(isModules) ? [] : await forgotten(presence, run)
  const stale = new Set<string>()
  for (const file of carried) {
    const written = isTrimmed(file) ? await trimmed(file, presence, run) : undefined
    files.push(written ?? file)
    if (written !== undefined) for (const form of otherForms) stale.add(`${file.type}_${form}`)
  }
  return files.filter(({ type }) => !stale.has(type))
}

/** What is put behind the type of a record that is a copy of another one: `group_gz`, `updateinfo_zck`. */
const otherForms = ['zck', 'db', 'gz', 'xz', 'bz2', 'zst']

function presenceOf({ upstream, kept }: Plan): Presence {
  const [names, published] = [new Set<string>(), new Set<string>()]
  const [files, dropped] = [new Set<string>(), new Set<string>()]
  for (const { table, rows } of kept === undefined ? [upstream] : [upstream, kept])
    for (const row of rows) {
      names.add(table.name(row))
      published.add(table.nevra(row))
      files.add(fileName(table.href(row)))
    }
  for (let row = 0; row < upstream.table.length; row++) {
    const nevra = upstream.table.nevra(row)
    if (!published.has(nevra)) dropped.add(nevra)
  }
  return { names, published, files, dropped, ownModules: kept?.modules }
}

/** A file that names published packages alone; undefined where upstream's own does. */
async function trimmed(file: MetadataFile, presence: Presence, { state }: Run): Promise<MetadataFile | undefined> {
  const source = state.pool.path(file.sha256)
  const format = formatLike((await sniff(source)).format)
  const parts = namedBatches(file.type, await trimming(file, () => readOpened(source, file), presence))
  return await writePooledRecord(file.type, fileNames[file.type] as string, parts, format, state)
}

const fileNames: Record<string, string> = { modules: 'modules.yaml', updateinfo: 'updateinfo.xml', group: 'comps.xml' }

type Parts = AsyncGenerator<Buffer, boolean, undefined>

async function trimming(file: MetadataFile, read: () => AsyncIterable<Buffer>, presence: Presence): Promise<Parts> {
  const { names, published, files, dropped, ownModules } = presence
  if (file.type === 'group') {
    const { trimComps } = await import('../repodata/comps.ts')
    return trimComps(read(), (name) => names.has(name))
  }
  if (!isModules(file)) {
    const { trimUpdateinfo } = await import('../repodata/updateinfo/updateinfo.ts')
    const stays = ({ nevra = '', filename = '' }) => published.has(nevra) || files.has(fileName(filename))
    return trimUpdateinfo(read(), stays)
  }
  const { trimModules } = await import('../repodata/modules/modules.ts')
  const isThere = (nevra: string) => published.has(nevra)
  const parts = trimModules(read(), { isThere, isDropped: (nevra) => dropped.has(nevra) })
  return ownModules === undefined ? parts : followed(parts, await forgottenParts(ownModules, read(), isThere))
}

/** One file behind another; changed where the first is, or the second is not empty. */
async function* followed(first: Parts | undefined, second: AsyncIterable<Buffer>): Parts {
  let changed = first !== undefined && (yield* first)
  for await (const part of second) {
    changed = true
    yield part
  }
  return changed
}

/** The documents of streams that the upstream has forgotten, though packages of them stay. */
async function forgottenParts(
  { file, record }: SourceDocument,
  newer: AsyncIterable<Buffer> | undefined,
  isThere: (nevra: string) => boolean,
) {
  const { forgottenModules } = await import('../repodata/modules/modules.ts')
  return forgottenModules(readOpened(file, record), newer, isThere)
}

/** A file of these alone, where the upstream has no modules documents any more. */
async function forgotten({ ownModules, published }: Presence, { state }: Run): Promise<MetadataFile[]> {
  if (ownModules === undefined) return []
  const parts = await forgottenParts(ownModules, undefined, (nevra) => published.has(nevra))
  const format = formatLike((await sniff(ownModules.file)).format)
  const file = await writePooledRecord('modules', 'modules.yaml', followed(undefined, parts), format, state)
  return file === undefined ? [] : [file]
}
