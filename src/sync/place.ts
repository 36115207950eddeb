import type { Repo } from '../config/repo.ts'
import { MirrorError } from '../errors.ts'
import type { MetadataFile } from '../publish/document.ts'
import { type ContentRows, contentRows } from '../store/content.ts'
import { memberRows, stageMembers } from '../store/members.ts'
import type { State } from '../store/state.ts'
import { alternativeLocation, type Location, mapLocation } from './location.ts'
import type { PackageTable } from './packages.ts'
import type { Plan } from './plan.ts'

/** The hrefs that our primary has for rows that stand elsewhere than the upstream has them. */
export type Moved = Map<number, string>

/**
 * Stages every package of a plan under its path. A path that a retained generation, or another package of the plan,
 * has with another content is given up for one that holds the digest.
 */
export function placePackages(plan: Plan, repo: Repo, { database }: State, row: number): Moved {
  const staged = stageMembers(database)
  staged.clear()
  const members = memberRows(database, row)
  const contents = contentRows(database)
  const moved: Moved = new Map()
  const { table, rows } = plan.upstream
  const take = ({ path }: Location, sha256: string, dropped?: number) =>
    !members.hasOtherContent(path, sha256) && staged.add({ path, kind: 'package', sha256, dropped })

  for (const i of rows) {
    const sha256 = contentOf(table, i, contents)
    const plain = mapLocation(table.href(i), repo.layout)
    const location = take(plain, sha256) ? plain : alternativeLocation(plain, sha256)
    if (location !== plain) take(location, sha256)
    if (location.href !== table.href(i) || table.base(i) !== undefined) moved.set(i, location.href)
  }
  for (const [i, dropped] of plan.kept?.dropped ?? []) {
    const kept = (plan.kept as NonNullable<Plan['kept']>).table
    take(mapLocation(kept.href(i), 'upstream'), contentOf(kept, i, contents), dropped)
  }
  staged.done()
  return moved
}

/** The sha256 of a package that was fetched: what the upstream calls it by, or what that was found to stand for. */
function contentOf(table: PackageTable, row: number, contents: ContentRows): string {
  const sha256 = contents.sha256Of(table.checksum(row))
  if (sha256 === undefined) throw new MirrorError('E_BUG', `${table.nevra(row)} is to be published but was not fetched`)
  return sha256
}

/** Stages the metadata files beside the packages. */
export function placeMetadata(files: readonly MetadataFile[], { database }: State): void {
  const staged = stageMembers(database)
  for (const { path, sha256 } of files) staged.add({ path, kind: 'metadata', sha256, dropped: undefined })
  staged.done()
}
