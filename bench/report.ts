import { countText } from '../src/amounts.ts'
import { formatTable } from '../src/cli/table.ts'
import type { Result } from './contest.ts'
import type { Cost } from './measure.ts'

const columns = [
  { heading: 'run' },
  { heading: 'program' },
  { heading: 'packages', number: true },
  { heading: 'seconds', number: true },
  { heading: 'from-to', number: true },
  { heading: 'CPU s', number: true },
  { heading: 'PSS MB', number: true },
  { heading: 'RSS MB', number: true },
  { heading: 'times as fast', number: true },
]

/** Medians of all runs, programs one under the other; the last column compares the others with the first program. */
export function resultTable(results: readonly Result[], what = 'mirrored'): string {
  const rows = results.map((result) => {
    const { selection, kind, program, packages, costs } = result
    const [least, most] = [Math.min, Math.max].map((of) => seconds(of(...costs.map(({ wall }) => wall))))
    return [
      selection,
      kind,
      program,
      countText(packages),
      seconds(median(costs, 'wall')),
      `${least}-${most}`,
      seconds(median(costs, 'cpu')),
      megabytes(median(costs, 'pss')),
      megabytes(median(costs, 'rss')),
      comparison(result, results),
    ]
  })
  return formatTable([{ heading: what }, ...columns], rows)
}

function comparison(result: Result, results: readonly Result[]): string {
  const others = results.filter((other) => other.selection === result.selection && other.kind === result.kind)
  const slower = others.find(({ program }) => program !== result.program)
  if (others[0] !== result || slower === undefined) return ''
  return (median(slower.costs, 'wall') / median(result.costs, 'wall')).toFixed(1)
}

/** The median of one field; of an even number of runs, the mean of the middle two. */
export function median(costs: readonly Cost[], field: keyof Cost): number {
  const sorted = costs.map((cost) => cost[field]).sort((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] as number) + (sorted[Math.ceil(middle)] as number)) / 2
}

function seconds(value: number): string {
  return value.toFixed(2)
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0)
}

/** The results with an upstream of so many packages. */
export type Scaled = { size: number; results: Result[] }

/** Seconds for 1,000 packages of the upstream: a row is level where time is linear. */
export function scaleTable(scaled: readonly Scaled[]): string {
  const headings = ['mirrored', 'run', 'program'].map((heading) => ({ heading }))
  const sizes = scaled.map(({ size }) => ({ heading: countText(size), number: true }))
  const rows = scaled[0]?.results.map(({ selection, kind, program }, i) => [
    selection,
    kind,
    program,
    ...scaled.map(({ size, results }) => ((median((results[i] as Result).costs, 'wall') / size) * 1000).toFixed(3)),
  ])
  return formatTable([...headings, ...sizes], rows ?? [])
}
