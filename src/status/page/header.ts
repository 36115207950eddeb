import { bytesText, repositoriesText, spanText } from '../../amounts.ts'
import { type Html, html } from '../../html.ts'
import { type RepoReport, states } from '../repoReport.ts'
import type { Disk, Report } from '../report.ts'
import { repoLink } from './anchor.ts'
import { clockText, timePart } from './time.ts'

/** The whole installation at a glance: states, those that need somebody, the disk. */
export function headerPart({ repos, disk, live, at }: Report): Html {
  const up = live === undefined ? '' : `, up for ${spanText(at - live.started)}`
  return html`<header>
<h1>mirror</h1>
<p class="sum">${repositoriesText(repos.length)}${stateCounts(repos)}</p>
<p class="asof">as of ${timePart(at, clockText(at))}${up}</p>
${disk && diskPart(disk)}${attentionPart(repos)}
</header>
`
}

function stateCounts(repos: readonly RepoReport[]): Html[] {
  return states.flatMap((state) => {
    const { length } = repos.filter((one) => one.state === state)
    return length === 0 ? [] : [html` <span class="${state}"><span class="state">${length} ${state}</span></span>`]
  })
}

/** Ways to those repositories that need somebody, which may be far down. */
function attentionPart(repos: readonly RepoReport[]): Html | undefined {
  const needy = repos.filter(({ last, state }) => last?.message !== undefined || state === 'late' || state === 'stale')
  if (needy.length === 0) return undefined
  const links = needy.slice(0, 20).map(({ repo }) => html` <a href="${repoLink(repo.id)}">${repo.id}</a>`)
  return html`<p class="attention">Look at${links}${needy.length > links.length ? ' and more' : ''}</p>`
}

function diskPart({ size, free }: Disk): Html {
  const used = size - free
  const percent = Math.round((used / Math.max(1, size)) * 100)
  return html`<div class="disk${percent >= 90 ? ' full' : ''}">
<svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
<rect class="all" width="100" height="1"/>
<rect class="used" width="${percent}" height="1"/>
</svg>
<p>Disk: ${bytesText(free)} free of ${bytesText(size)}, ${percent} % in use</p>
</div>`
}
