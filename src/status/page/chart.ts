import { bytesText, durationText } from '../../amounts.ts'
import { type Html, html } from '../../html.ts'
import type { RunRecord } from '../../store/runs.ts'

/** In pixels: a run's bar and the gap after it, the longest duration above the line, the most bytes below it. */
const step = 6
const bar = 4
const above = 26
const below = 14
const most = 30

/**
 * The last runs, the newest at the right: how long each took, above a line, and how much it fetched, below it. `key`
 * makes its ids its own on the page.
 */
export function runsChart(newestFirst: readonly RunRecord[], key: string): Html {
  if (newestFirst.length === 0) return html``
  const runs = newestFirst.slice(0, most).toReversed()
  const longest = Math.max(...runs.map(({ milliseconds }) => milliseconds))
  const largest = Math.max(...runs.map(({ bytes }) => bytes))
  const left = (most - runs.length) * step
  const bars = (kind: (run: RunRecord) => boolean, draw: (run: RunRecord) => [top: number, height: number]) =>
    runs.flatMap((run, i) => (kind(run) ? [barPath(left + i * step, ...draw(run))] : [])).join('')
  const took = ({ milliseconds }: RunRecord): [number, number] => {
    const height = Math.max(2, scaled(milliseconds, longest, above))
    return [above - height, height]
  }
  const fetched = ({ bytes }: RunRecord): [number, number] => [above + 2, scaled(bytes, largest, below)]
  return html`<svg class="runs" viewBox="0 0 ${most * step} ${above + below + 2}" role="img" aria-labelledby="title-${key} desc-${key}">
<title id="title-${key}">The last ${runs.length} runs</title><desc id="desc-${key}">${describe(runs, longest, largest)}</desc>
<path class="took" d="${bars((run) => !isFailed(run), took)}"/><path class="bad" d="${bars(isFailed, took)}"/>
<path class="line" d="M0 ${above}h${most * step}v1h-${most * step}z"/><path class="fetched" d="${bars(({ bytes }) => bytes > 0, fetched)}"/>
</svg>`
}

function barPath(x: number, top: number, height: number): string {
  return `M${x} ${top}h${bar}v${height}h-${bar}z`
}

function scaled(value: number, largest: number, height: number): number {
  return Math.max(1, Math.round((value / Math.max(1, largest)) * height))
}

function isFailed({ result }: RunRecord): boolean {
  return result === 'failed' || result === 'interrupted'
}

function describe(runs: readonly RunRecord[], longest: number, largest: number): string {
  const failed = runs.filter(isFailed).length
  const ended = failed === 0 ? 'all went well' : `${failed} failed or ${failed === 1 ? 'was' : 'were'} interrupted`
  return `Of the last ${runs.length} runs ${ended}. The longest took ${durationText(longest / 1000)}, the most that one fetched is ${bytesText(largest)}.`
}
