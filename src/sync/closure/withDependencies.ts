import { numberText } from '../../amounts.ts'
import type { Repo } from '../../config/repo.ts'
import { fileCapability, provide, type Relations } from '../../repodata/closure/relations.ts'
import { readFilelists } from '../../repodata/filelists/read.ts'
import { capabilitiesOf } from '../../rpm/rich.ts'
import type { Held } from '../age.ts'
import { matchedRecords } from '../matched.ts'
import type { Run } from '../run.ts'
import { isModular, select } from '../select.ts'
import { namedBatches, type Source, type SourceDocument } from '../source.ts'
import { spillPath } from '../spill.ts'
import type { Streams } from '../streams.ts'
import { type Closure, closureOf, type StreamOf } from './closure.ts'
import { readRelations } from './readRelations.ts'

/** What limits the packages that can come in, besides the selection. */
export type Bounds = { held: Held; streams: Streams | undefined }

/**
 * The wanted rows with all that they require of the same upstream, ascending. Whatever includepkgs leaves out can come in,
 * what anything else leaves out cannot.
 */
export async function withDependencies(
  { table, rows, ...upstream }: Source,
  { held, streams }: Bounds,
  run: Run,
): Promise<Uint32Array> {
  const { repo } = run
  const able = select(table, unnamed(repo), streams, held).rows
  const source = { ...upstream, table, rows: able }
  const relations = await readRelations(
    upstream.documents.primary as SourceDocument,
    able,
    repo.selection.withDeps === 'weak',
  )
  const streamOf = streamsOf(streams, (row) => table.release(row))
  let closure = closureOf(rows, table, relations, streamOf)
  if (isOfPaths(closure)) {
    await addFiles(relations, source, run)
    closure = closureOf(rows, table, relations, streamOf)
  }
  tellUnresolved(closure, run)
  return Uint32Array.from(closure.rows).sort()
}

function unnamed({ selection, duplicates }: Repo): Pick<Repo, 'selection' | 'duplicates'> {
  return { selection: { ...selection, includepkgs: [], keep: undefined, newestOnly: false }, duplicates }
}

/** The stream that lists a row; what looks modular and is in none is a set of its own. */
function streamsOf(streams: Streams = new Map(), release: (row: number) => string): StreamOf {
  const streamOf = new Map<number, string>()
  for (const [stream, versions] of streams)
    for (const rows of versions.values()) for (const row of rows) streamOf.set(row, stream)
  return (row) => streamOf.get(row) ?? (isModular(release(row)) ? 'modular' : '')
}

/** The paths that one of the packages wants and primary's files are not. */
function unknownPaths({ providers, wants }: Relations): Set<string> {
  const unknown = new Set<string>()
  for (const dependencies of wants)
    for (const { terms } of dependencies ?? [])
      for (const { name } of capabilitiesOf(terms)) if (name.startsWith('/') && !providers.has(name)) unknown.add(name)
  return unknown
}

function isOfPaths({ unresolved }: Closure): boolean {
  return unresolved.some(({ terms }) => capabilitiesOf(terms).some(({ name }) => name.startsWith('/')))
}

/** Looks the other files up in filelists, which is many times primary's size. */
async function addFiles(relations: Relations, source: Source, run: Run): Promise<void> {
  const paths = unknownPaths(relations)
  let next = 0
  for await (const batch of namedBatches('filelists', matchedRecords('filelists', source, spillPath('filelists', run))))
    for (const record of batch) {
      const row = source.rows[next++] as number
      for (const { path } of readFilelists(record).files)
        if (paths.has(path)) provide(relations, row, fileCapability(path))
    }
}

function tellUnresolved({ unresolved }: Closure, { notice }: Run): void {
  const names = new Set(
    unresolved.map(({ terms }) =>
      terms
        .flatMap(({ all }) => all)
        .map(({ name }) => name)
        .join(' or '),
    ),
  )
  if (names.size === 0) return
  const [first] = names
  const count = numberText(names.size, 'dependency is', 'dependencies are')
  notice('info', `${count} not in this upstream, such as ${first}; clients need another repository for them`)
}
