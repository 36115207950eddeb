import { bytesText } from '../amounts.ts'
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

/** What differs, as a report that reads well as it is and as HTML. What the upstream wrote is never markup in it. */
export function diffMarkdown(diff: Diff): string {
  const { before, after, packages } = diff
  const { added, removed, changed } = diff.advisories
  const cves = cvesOf([...added, ...changed])
  const parts = [
    `# ${plain(after.label)}: ${countsText(diff)}`,
    `- from ${plain(sideText(before))}\n- to ${plain(sideText(after))}\n- ${bytesText(packages.came.bytes)} came, ${bytesText(packages.went.bytes)} went`,
    cves.length === 0 ? '' : `## CVEs\n\n${cves.map(plain).join(', ')}`,
    advisoryTable('Advisories', added),
    advisoryTable('Advisories that changed', changed),
    advisoryTable('Advisories that are gone', removed),
    ...packageChanges.map((kind) => packageTable(diff, kind)),
    list('Modules', streamTexts(diff)),
    list('Groups', groupTexts(diff)),
    list('Other', otherTexts(diff)),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

const titles = {
  upgraded: 'Upgraded',
  downgraded: 'Downgraded',
  added: 'Added',
  removed: 'Removed',
  rebuilt: 'Rebuilt',
  versions: 'Other old versions',
} as const

function packageTable({ packages }: Diff, kind: (typeof packageChanges)[number]): string {
  const rows = ofKind(packages.changes, kind).map((change) => [`${change.name}.${change.arch}`, versionsText(change)])
  return table(titles[kind], ['package', 'version'], rows)
}

function advisoryTable(title: string, advisories: readonly Advisory[]): string {
  const rows = advisories.map((advisory) => [...advisoryCells(advisory), advisory.cves.join(', ')])
  return table(title, ['id', 'type', 'severity', 'title', 'CVEs'], rows)
}

function table(title: string, headings: readonly string[], rows: readonly string[][]): string {
  if (rows.length === 0) return ''
  const lines = [headings, headings.map(() => '---'), ...rows.map((row) => row.map(plain))]
  return `## ${title}\n\n${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}`
}

function list(title: string, items: readonly string[]): string {
  return items.length === 0 ? '' : `## ${title}\n\n${items.map((item) => `- ${plain(item)}`).join('\n')}`
}

/** Text without what Markdown or HTML would take for markup; within a word `_` is none (CommonMark 6.2). */
function plain(text: string): string {
  return oneLine(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/[\\`*[\]|~]|(?<!\w)_|_(?!\w)/g, '\\$&')
}
