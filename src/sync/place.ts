import { MirrorError } from '../errors.ts'
import { isUnique, type MetadataFile } from '../publish/pooled.ts'
import { type ContentRows, contentRows } from '../store/content.ts'
import { memberRows, stageMembers } from '../store/members.ts'
import type { State } from '../store/state.ts'
import type { FetchedPlan } from './fetchPlan.ts'
import { alternativeLocation, mapLocation } from './location.ts'
import type { PackageTable } from './packages.ts'
import type { Run } from './run.ts'
import { placeTree } from './tree/place.ts'
import { placeVerbatim } from './verbatim/place.ts'

/** A plan whose packages have their paths: the hrefs that differ from upstream's, by row of its table. */
export type PlacedPlan = FetchedPlan & { moved: ReadonlyMap<number, string> }

/**
 * Stages every package of a plan under its path, and the files of a tree under theirs. A package's path that a retained generation, or another package of the plan,
 * has with another content is given up for one that holds the digest.
 */
export function placePackages(fetched: FetchedPlan, { repo, row, state, notice }: Run): PlacedPlan {
  const staged = stageMembers(state.database)
  staged.clear()
  const members = memberRows(state.database, row)
  const contents = contentRows(state.database)
  const moved = new Map<number, string>()
  const { upstream, kept } = fetched.plan
  const take = (path: string, sha256: string, dropped?: number) =>
    !members.hasOtherContent(path, sha256) && staged.add({ path, kind: 'package', sha256, dropped })

  const { table } = upstream
  if (repo.metadata === 'upstream') {
    const replaced = placeVerbatim(upstream, members, staged, (i) => contentOf(table, i, contents))
    for (const path of replaced) notice('warn', `the upstream has put another ${path} in place of the one before`)
  } else
    for (const i of upstream.rows) {
      const sha256 = contentOf(table, i, contents)
      const plain = mapLocation(table.href(i), repo.layout)
      const path = take(plain, sha256) ? plain : alternativeLocation(plain, sha256)
      if (path !== plain) take(path, sha256)
      if (path !== table.href(i) || table.base(i) !== undefined) moved.set(i, path)
    }
  if (kept !== undefined)
    for (const [i, dropped] of kept.dropped) take(kept.table.href(i), contentOf(kept.table, i, contents), dropped)
  staged.done()
  placeTree(fetched.tree, state)
  return { ...fetched, moved }
}

/** The sha256 of a package that was fetched: what the upstream calls it by, or what that was found to stand for. */
function contentOf(table: PackageTable, row: number, contents: ContentRows): string {
  const sha256 = contents.sha256Of(table.checksum(row))
  if (sha256 === undefined) throw new MirrorError('E_BUG', `${table.nevra(row)} is to be published but was not fetched`)
  return sha256
}

/** Stages the metadata files beside the packages. One whose name other contents will have too is replaced as a tree's is. */
export function placeMetadata(files: readonly MetadataFile[], { database }: State): void {
  const staged = stageMembers(database)
  for (const file of files) {
    const { path, sha256 } = file
    if (!staged.add({ path, kind: isUnique(file) ? 'metadata' : 'extra', sha256, dropped: undefined }))
      throw new MirrorError('E_REPOMD', `repomd.xml says of ${path} that it is two files`)
  }
  staged.done()
}
