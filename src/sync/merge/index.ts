import { basename } from 'node:path'
import type { Repo } from '../../config/repo.ts'
import { mergerepo } from '../../createrepo/merge/mergerepo.ts'
import { metadataOf, type Source } from '../../createrepo/merge/source.ts'
import { kindOf } from '../../publish/metadataName.ts'
import { carriedRecords } from '../records.ts'

/** What is merged and not taken from one of the upstreams. */
const merged = /^(?:group(?:_.+)?|modules|updateinfo)$/

/** Writes the metadata of merged upstreams into their index. */
export async function writeIndex(
  index: string,
  { duplicates }: Pick<Repo, 'duplicates'>,
  sources: Source[],
  { notice, signal }: { notice: (message: string) => void; signal: AbortSignal },
): Promise<void> {
  await mergerepo({
    repos: sources,
    output: index,
    method: duplicates === 'first' ? 'first' : 'distinct',
    archs: undefined,
    noarchRepo: undefined,
    omitBaseurl: false,
    prefix: undefined,
    koji: undefined,
    pkgorigins: false,
    groups: 'merged',
    updateinfo: true,
    filelistsExt: false,
    attached: await othersOf(sources, notice),
    database: false,
    format: 'gz',
    names: 'unique',
    notice,
    signal,
  })
}

type Attached = { type: string; name: string; file: string }

/** Metadata of other types: of each type that of the first upstream that has one. */
async function othersOf(sources: readonly Source[], notice: (message: string) => void): Promise<Attached[]> {
  const found = new Map<string, Attached & { given: string }>()
  for (const source of sources)
    for (const { type, href } of carriedRecords(source.repomd)) {
      if (merged.test(type)) continue
      const first = found.get(type)
      if (first !== undefined) {
        if (first.given !== source.given) notice(`${type} of ${first.given} is taken, that of ${source.given} left out`)
        continue
      }
      const metadata = await metadataOf(source, type)
      if (metadata !== undefined)
        found.set(type, { type, name: kindOf(basename(href)), file: metadata.file, given: source.given })
    }
  return [...found.values()]
}
