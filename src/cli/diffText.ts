import { countText } from '../amounts.ts'
import { oneLine } from '../errors.ts'
import { cvesOf } from '../lifecycle/diff/advisories.ts'
import type { Diff } from '../lifecycle/diff/diff.ts'
import { packageChanges } from '../lifecycle/diff/packages.ts'
import type { Advisory } from '../repodata/updateinfo/advisory.ts'
import {
  advisoryCells,
  countsText,
  groupTexts,
  ofKind,
  otherTexts,
  sideText,
  streamTexts,
  versionsText,
} from './diffWords.ts'

/** What differs, for people at a terminal. */
export function diffText(diff: Diff): string {
  const { added, removed, changed } = diff.advisories
  const sections = [
    ...packageChanges.map((kind) =>
      section(kind === 'versions' ? 'other old versions' : kind, packageRows(diff, kind)),
    ),
    section('modules', streamTexts(diff)),
    section('groups', groupTexts(diff)),
    section('advisories added', advisoryRows(added)),
    section('advisories changed', advisoryRows(changed)),
    section('advisories removed', advisoryRows(removed)),
    section('CVEs', cvesOf([...added, ...changed])),
    section('other', otherTexts(diff)),
  ]
  return `from ${sideText(diff.before)}\nto   ${sideText(diff.after)}\n${countsText(diff)}\n${sections.join('')}`
}

function section(title: string, lines: readonly string[]): string {
  if (lines.length === 0) return ''
  return `\n${title} (${countText(lines.length)})\n${lines.map((line) => `  ${oneLine(line)}\n`).join('')}`
}

function packageRows({ packages }: Diff, kind: (typeof packageChanges)[number]): string[] {
  return aligned(
    ofKind(packages.changes, kind).map((change) => [`${change.name}.${change.arch}`, versionsText(change)]),
  )
}

function advisoryRows(advisories: readonly Advisory[]): string[] {
  return aligned(advisories.map((advisory) => [...advisoryCells(advisory), advisory.cves.join(' ')]))
}

/** Cells in columns, two spaces apart. */
function aligned(rows: readonly string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => (row[i] ?? '').length)))
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] as number))
      .join('  ')
      .trimEnd(),
  )
}
