import { agoText, bytesText, countText } from '../../amounts.ts'
import type { Progress } from '../../events.ts'
import { type Html, html } from '../../html.ts'
import type { Running } from '../live.ts'

/** What a run does now, as a bar and in words. */
export function runningPart({ since, by, progress }: Running, id: string, now: number): Html {
  const label = `Progress of ${id}`
  const bar =
    progress === undefined || progress.packagesTotal === 0
      ? html`<progress aria-label="${label}"></progress>`
      : html`<progress aria-label="${label}" max="${progress.packagesTotal}" value="${progress.packages}"></progress>`
  return html`${bar}<p>${doing(progress)} <small>began ${agoText(since, now)}, asked for by ${by}</small></p>`
}

function doing(progress: Progress | undefined): string {
  if (progress === undefined) return 'Looking at the upstream'
  const { stage, packages, packagesTotal, bytes } = progress
  if (stage === 'metadata') return "Reading the upstream's metadata"
  if (stage === 'packages')
    return `Fetching: ${countText(packages)} of ${countText(packagesTotal)} packages, ${bytesText(bytes)} so far`
  return stage === 'repodata' ? 'Writing repodata' : 'Publishing'
}
