import { agoText, bytesText, countText } from '../amounts.ts'
import type { Promotion } from '../lifecycle/promote.ts'
import type { Created, SnapshotReport } from '../lifecycle/snapshots.ts'
import { formatTable } from './table.ts'

const frozenColumns = [
  { heading: 'path' },
  { heading: 'frozen from' },
  { heading: 'generation', number: true },
  { heading: 'packages', number: true },
  { heading: 'size', number: true },
]

function frozenCells({ path, source, sourceGeneration, packages, bytes }: SnapshotReport['repos'][number]): string[] {
  return [path, source, String(sourceGeneration), countText(packages), bytesText(bytes)]
}

/** A new snapshot for people. */
export function createdTable({ repos }: Created): string {
  return formatTable(frozenColumns, repos.map(frozenCells))
}

/** Snapshots for people. */
export function snapshotTable(all: readonly SnapshotReport[]): string {
  const columns = [{ heading: 'snapshot' }, { heading: 'made' }, { heading: 'by' }, ...frozenColumns]
  const rows = all.flatMap(({ name, state, at, by, repos }) => {
    const told = [name, state === 'made' ? agoText(at) : state, by]
    return repos.length === 0 ? [told] : repos.map((one) => [...told, ...frozenCells(one)])
  })
  return formatTable(columns, rows)
}

/** Snapshots for machines. */
export function snapshotJson(all: readonly SnapshotReport[]): string {
  const snapshots = all.map(({ at, ...snapshot }) => ({ ...snapshot, at: new Date(at).toISOString() }))
  return `${JSON.stringify({ snapshots }, null, 2)}\n`
}

const promotionColumns = [
  { heading: 'repository' },
  { heading: 'from' },
  { heading: 'generation', number: true },
  { heading: 'to' },
  { heading: 'generation', number: true },
  { heading: 'added', number: true },
  { heading: 'removed', number: true },
  { heading: 'result' },
]

/** A promotion for people. */
export function promotionTable({ repos }: Promotion): string {
  const rows = repos.map(({ repo, path, source, sourceGeneration, shown, error }) => {
    const counts = shown === undefined ? ['-', '-', '-'] : [shown.generation, shown.added, shown.removed].map(String)
    return [repo, source, String(sourceGeneration ?? '-'), path, ...counts, error?.code ?? shown?.result ?? 'nothing']
  })
  return formatTable(promotionColumns, rows)
}
