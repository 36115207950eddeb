import { type Html, html, page, policyFor } from '../../html.ts'
import type { Report } from '../report.ts'
import { headerPart } from './header.ts'
import { notesPart } from './notes.ts'
import { repoRows } from './repoRows.ts'
import { snapshotsPart } from './snapshots.ts'
import { style } from './style.ts'

/** What a page must be told: the absolute URL of root as this client reaches it, with a slash at its end. */
export type PageOptions = { base: string }

/** The status page: HTML that needs no script and loads nothing. */
export function statusPage(report: Report, { base }: PageOptions): string {
  const { repos, version } = report
  const head = html`<link rel="icon" href="${iconUrl(report)}">\n`
  const body = html`${headerPart(report)}<main>
${notesPart(report)}${repos.length > 0 && tablePart(report, base)}${snapshotsPart(report)}</main>
<footer>
<a href="status.json">status.json</a>
<a href="metrics">metrics</a>
<span>mirror ${version}, reloads itself every ${refreshSeconds(report)} s</span>
</footer>
`
  return page({ title: titleText(report), style, head, body })
}

function tablePart({ repos, at }: Report, base: string): Html {
  return html`<table>
<thead>
<tr>
<th scope="col">Repository</th>
<th scope="col">Last success</th>
<th scope="col">Published</th>
<th scope="col">Next run</th>
<th scope="col">Last runs <small>time taken, bytes below</small></th>
</tr>
</thead>
${repos.map((one, i) => repoRows(one, { base, now: at, key: String(i) }))}</table>
`
}

/** The headers that go with the page. That it reloads itself is one of them: what somebody saves to a file holds still. */
export function pageHeaders(report: Report): Record<string, string> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policyFor(style.markup, ['img-src data:']),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    refresh: String(refreshSeconds(report)),
  }
}

/** Often while there is something to see. */
function refreshSeconds({ repos }: Report): number {
  return repos.some(({ state }) => state === 'running') ? 5 : 30
}

/** What is wrong stands first, for the tab of a browser that is in the background. */
function titleText(report: Report): string {
  const wrong = countWrong(report)
  return wrong === 0 ? 'mirror: status' : `(${wrong}) mirror: status`
}

/** A green dot, or a red one: without an icon of its own, browsers would ask for one that is not there. */
function iconUrl(report: Report): string {
  const dot = `<circle cx="8" cy="8" r="7" fill="${countWrong(report) === 0 ? '#2da44e' : '#d1242f'}"/>`
  const image = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">${dot}</svg>`
  return `data:image/svg+xml,${encodeURIComponent(image)}`
}

function countWrong({ repos }: Report): number {
  return repos.filter(({ state }) => state === 'failed' || state === 'late' || state === 'stale').length
}
