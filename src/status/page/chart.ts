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
export function runsChart(newestFirst: readonly RunRecord[], key: string): Html | undefined {
  if (newestFirst.length === 0) return undefined
  const runs = newestFirst.slice(0, most).toReversed()
  const bars = barsOf(runs)
  const took = (failed: boolean) => bars.filter((one) => one.failed === failed).map((one) => one.took)
  const [width, height] = [most * step, above + below + 2]
  return html`<svg class="runs" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title-${key} desc-${key}">
<title id="title-${key}">The last ${runs.length} runs</title>
<desc id="desc-${key}">${describe(runs)}</desc>
<path class="took" d="${took(false)}"/>
<path class="bad" d="${took(true)}"/>
<path class="line" d="M0 ${above}h${width}v1h-${width}z"/>
<path class="fetched" d="${bars.map(({ fetched }) => fetched)}"/>
</svg>`
}

function barsOf(runs: readonly RunRecord[]): { failed: boolean; took: string; fetched: string }[] {
  const { longest, largest } = mostOf(runs)
  return runs.map((run, i) => {
    const x = (most - runs.length + i) * step
    const height = scaled(run.milliseconds, longest, above)
    const fetched = run.bytes === 0 ? '' : barPath(x, above + 2, scaled(run.bytes, largest, below))
    return { failed: isFailed(run), took: barPath(x, above - height, height), fetched }
  })
}

function mostOf(runs: readonly RunRecord[]): { longest: number; largest: number } {
  const longest = Math.max(...runs.map(({ milliseconds }) => milliseconds))
  return { longest, largest: Math.max(...runs.map(({ bytes }) => bytes)) }
}

function barPath(x: number, top: number, height: number): string {
  return `M${x} ${top}h${bar}v${height}h-${bar}z`
}

/** Never less than can be seen. */
function scaled(value: number, largest: number, height: number): number {
  return Math.max(2, Math.round((value / Math.max(1, largest)) * height))
}

function isFailed({ result }: RunRecord): boolean {
  return result === 'failed' || result === 'interrupted'
}

/** The chart in words, for those who do not see it. */
function describe(runs: readonly RunRecord[]): string {
  const failed = runs.filter(isFailed).length
  const { longest, largest } = mostOf(runs)
  const ended = failed === 0 ? 'All went well' : `${failed} failed or ${failed === 1 ? 'was' : 'were'} interrupted`
  const took = `the longest took ${durationText(longest / 1000)}`
  return `${ended}; ${took}, the most that one fetched is ${bytesText(largest)}.`
}
