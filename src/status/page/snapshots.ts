import { agoText, repositoriesText } from '../../amounts.ts'
import { type Html, html } from '../../html.ts'
import { repoHref } from '../../publish/clientRepo.ts'
import { snapshotFolder } from '../../publish/snapshots.ts'
import type { Report } from '../report.ts'
import { timePart } from './time.ts'

/** The snapshots, the newest first, each with a link to its trees. */
export function snapshotsPart({ snapshots, at: now }: Report): Html | undefined {
  if (snapshots.length === 0) return undefined
  const lines = snapshots.toReversed().map(({ name, state, at, by, repos }) => {
    const shown = state === 'made' ? html`<a href="${repoHref(snapshotFolder(name))}">${name}</a>` : name
    const many = repositoriesText(repos.length)
    return html`<p><b>${shown}</b> ${many}, made ${timePart(at, agoText(at, now))} by ${by}</p>`
  })
  return html`<section class="note"><h2>Snapshots</h2>
${lines}</section>
`
}
