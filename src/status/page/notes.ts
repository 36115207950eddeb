import { agoText, spanText } from '../../amounts.ts'
import { type Html, html } from '../../html.ts'
import { heldText } from '../../jobs/facts.ts'
import type { Report } from '../report.ts'
import { clockText, timePart } from './time.ts'

/** What an operator should read first: a configuration that was not taken, an installation that has nothing yet. */
export function notesPart(report: Report): Html[] {
  return [reloadNote(report), damageNote(report), operationsNote(report), firstNote(report)].filter(
    (note) => note !== undefined,
  )
}

function reloadNote({ live }: Report): Html | undefined {
  const { at, error } = live?.reload ?? {}
  if (at === undefined || error === undefined) return undefined
  return html`<section class="note bad"><h2>The configuration was not reloaded</h2>
<p>It was read at ${clockText(at)} and cannot be used; what was configured before still holds.</p>
<p><code>${error}</code></p></section>
`
}

function operationsNote({ live, at }: Report): Html | undefined {
  const operations = live?.operations ?? []
  if (operations.length === 0) return undefined
  const lines = operations.map(({ verb, isRunning, since, by, job }) => {
    const what = isRunning ? html`<b>${verb}</b> began` : html`<b>${verb}</b> waits since`
    return html`<p>${what} ${timePart(since, agoText(since, at))}, asked for by ${by} <small>job ${job}</small></p>`
  })
  return html`<section class="note"><h2>Beside the syncs</h2>
${lines}</section>
`
}

function damageNote({ integrity }: Report): Html | undefined {
  const { damage = [], held = [] } = integrity ?? {}
  const lines = [...damage, ...held.map(heldText)]
  if (lines.length === 0) return undefined
  return html`<section class="note bad"><h2>Files are damaged, or deletions held</h2>
${lines.slice(0, 20).map((line) => html`<p><code>${line}</code></p>`)}</section>
`
}

function firstNote({ repos, live, at }: Report): Html | undefined {
  if (repos.length === 0)
    return html`<section class="note"><h2>No repository is configured</h2>
<p>Add one below <code>repos:</code> in the configuration file and reload the daemon.</p></section>
`
  if (repos.some(({ generation, runs }) => generation !== undefined || runs.length > 0)) return undefined
  return html`<section class="note"><h2>Nothing is published yet</h2>
<p>${nextStep(live === undefined ? undefined : repos, at)}
Each repository can be read as soon as its first sync has ended.</p></section>
`
}

function nextStep(repos: Report['repos'] | undefined, now: number): Html {
  if (repos === undefined) return html`<code>mirror sync</code> fetches, verifies and publishes all of it.`
  if (repos.some(({ live }) => live?.running !== undefined)) return html`The first sync is running now.`
  const next = Math.min(...repos.map(({ live }) => live?.next ?? Number.POSITIVE_INFINITY))
  if (!Number.isFinite(next)) return html`No sync is scheduled: <code>mirror sync</code> begins one.`
  if (next <= now) return html`The first sync is about to begin.`
  return html`The first sync begins in ${timePart(next, spanText(next - now))}; <code>mirror sync</code> begins it now.`
}
