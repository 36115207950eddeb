import { bytesText, countText } from '../amounts.ts'
import { oneLine } from '../errors.ts'
import type { Diff } from '../lifecycle/diff/diff.ts'
import { type PackageChange, packageChanges } from '../lifecycle/diff/packages.ts'
import type { Side } from '../lifecycle/diff/side.ts'
import type { Advisory } from '../repodata/updateinfo/advisory.ts'

/** `appstream, generation 41 (2026-11-30 19:26 UTC, 17,649 packages, 38.2 GB)`. */
export function sideText({ label, generation }: Side): string {
  const { number, created, packages, bytes } = generation
  const at = new Date(created).toISOString().slice(0, 16).replace('T', ' ')
  return `${label}, generation ${number} (${at} UTC, ${countText(packages)} packages, ${bytesText(bytes)})`
}

/** `12 upgraded, 1 added`; without a change `no package differs`. */
export function countsText({ packages }: Diff): string {
  const counts = packageChanges
    .map((kind) => ({ kind, count: ofKind(packages.changes, kind).length }))
    .filter(({ count }) => count > 0)
    .map(({ kind, count }) => `${countText(count)} ${kind === 'versions' ? 'with other old versions' : kind}`)
  return counts.length === 0 ? 'no package differs' : counts.join(', ')
}

/** The changes of one kind. */
export function ofKind(changes: readonly PackageChange[], kind: PackageChange['change']): PackageChange[] {
  return changes.filter(({ change }) => change === kind)
}

/** What became of a package's versions: `5.1.8-6.el9 -> 5.1.8-9.el9`, and others that came or went. */
export function versionsText({ change, before, after, came, went }: PackageChange): string {
  if (change === 'added') return came.join(', ')
  if (change === 'removed') return went.join(', ')
  const first = change === 'upgraded' || change === 'downgraded' ? `${before} -> ${after}` : (after ?? '')
  const told =
    change === 'rebuilt'
      ? new Set([...came, ...went].filter((one) => came.includes(one) && went.includes(one)))
      : new Set([before, after])
  const also = [
    ...came.filter((one) => !told.has(one)).map((one) => `with ${one}`),
    ...went.filter((one) => !told.has(one)).map((one) => `without ${one}`),
  ]
  return also.length === 0 ? first : `${first} (${also.join(', ')})`
}

/** An advisory's id, type, severity and title as they are, each on one line. */
export function advisoryCells({ id, type, severity, title }: Advisory): string[] {
  return [id, type, severity === 'None' ? '' : severity, title].map(oneLine)
}

/** Every stream that differs: `nginx:1.24 added (9050020)`. */
export function streamTexts({ modules }: Diff): string[] {
  return modules.map(({ stream, before, after }) => {
    if (before === null) return `${stream} added (${after})`
    return after === null ? `${stream} removed (${before})` : `${stream} ${before} -> ${after}`
  })
}

/** Every group that differs: `group core changed`. */
export function groupTexts({ groups }: Diff): string[] {
  return (['added', 'removed', 'changed'] as const).flatMap((kind) => groups[kind].map((key) => `${key} ${kind}`))
}

/** Other metadata and files that differ. */
export function otherTexts({ metadata, files }: Diff): string[] {
  return [...metadata.map((type) => `metadata of type ${type}`), ...files]
}
