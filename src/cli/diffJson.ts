import { cvesOf } from '../lifecycle/diff/advisories.ts'
import type { Diff } from '../lifecycle/diff/diff.ts'
import { packageChanges } from '../lifecycle/diff/packages.ts'
import type { Side } from '../lifecycle/diff/side.ts'

/**
 * What differs, for machines. Times are ISO 8601 in UTC, sizes bytes, versions `[epoch:]version-release`; null is what
 * there is not. `cves` are those of added and changed advisories.
 */
export function diffJson({ before, after, packages, advisories, ...others }: Diff): string {
  const { changes, came, went } = packages
  const counts = Object.fromEntries(
    packageChanges.map((kind) => [kind, changes.filter(({ change }) => change === kind).length]),
  )
  const told = {
    before: sideJson(before),
    after: sideJson(after),
    counts,
    came,
    went,
    packages: changes,
    advisories,
    cves: cvesOf([...advisories.added, ...advisories.changed]),
    ...others,
  }
  return `${JSON.stringify(told, null, 2)}\n`
}

function sideJson({ label, path, generation }: Side) {
  const { number, created, superseded, packages, bytes, revision, trust } = generation
  return {
    repo: label,
    path,
    generation: number,
    created: iso(created),
    superseded: superseded === undefined ? null : iso(superseded),
    packages,
    bytes,
    revision,
    trust,
  }
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
