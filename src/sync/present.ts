import { type MetadataFile, writePooledRecord } from '../publish/pooled.ts'
import { formatLike, readOpened, sniff } from '../repodata/compression.ts'
import { fileName } from '../repodata/updateinfo/packages.ts'
import type { FetchedPlan } from './fetchPlan.ts'
import type { Plan } from './plan.ts'
import { isModules } from './records.ts'
import type { Run } from './run.ts'
import { namedBatches } from './source.ts'

/** NEVRAs and file names of the packages that are published, and NEVRAs of those of the upstream that are not. */
type Presence = { published: Set<string>; files: Set<string>; dropped: Set<string> }

/**
 * The carried metadata as it is published: upstream's own files, but for modules documents that name packages which the
 * selection dropped, and for updateinfo where only advisories of present packages are wanted. Copies of these in other
 * forms are left out.
 */
export async function presentMetadata({ plan, carried }: FetchedPlan, run: Run): Promise<MetadataFile[]> {
  const { table, rows } = plan.upstream
  const isTrimmed = (file: MetadataFile) =>
    (isModules(file) && rows.length < table.length) || (file.type === 'updateinfo' && run.repo.updateinfo === 'present')
  if (!carried.some(isTrimmed)) return carried
  const presence = presenceOf(plan)
  const files: MetadataFile[] = []
  const stale = new Set<string>()
  for (const file of carried) {
    const written = isTrimmed(file) ? await trimmed(file, presence, run) : undefined
    files.push(written ?? file)
    if (written !== undefined) for (const form of ['zck', 'db']) stale.add(`${file.type}_${form}`)
  }
  return files.filter(({ type }) => !stale.has(type))
}

function presenceOf({ upstream, kept }: Plan): Presence {
  const [published, files, dropped] = [new Set<string>(), new Set<string>(), new Set<string>()]
  for (const { table, rows } of kept === undefined ? [upstream] : [upstream, kept])
    for (const row of rows) {
      published.add(table.nevra(row))
      files.add(fileName(table.href(row)))
    }
  for (let row = 0; row < upstream.table.length; row++) {
    const nevra = upstream.table.nevra(row)
    if (!published.has(nevra)) dropped.add(nevra)
  }
  return { published, files, dropped }
}

/** A file that names published packages alone; undefined where upstream's own does. */
async function trimmed(file: MetadataFile, presence: Presence, { state }: Run): Promise<MetadataFile | undefined> {
  const source = state.pool.path(file.sha256)
  const format = formatLike((await sniff(source)).format)
  const name = isModules(file) ? 'modules.yaml' : 'updateinfo.xml'
  const parts = namedBatches(file.type, await trimming(file, readOpened(source, file), presence))
  return await writePooledRecord(file.type, name, parts, format, state)
}

async function trimming(file: MetadataFile, bytes: AsyncIterable<Buffer>, { published, files, dropped }: Presence) {
  if (isModules(file)) {
    const { trimModules } = await import('../repodata/modules/modules.ts')
    return trimModules(bytes, { isThere: (nevra) => published.has(nevra), isDropped: (nevra) => dropped.has(nevra) })
  }
  const { trimUpdateinfo } = await import('../repodata/updateinfo/updateinfo.ts')
  return trimUpdateinfo(bytes, ({ nevra = '', filename = '' }) => published.has(nevra) || files.has(fileName(filename)))
}
