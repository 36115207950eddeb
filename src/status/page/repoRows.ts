import { agoText, bytesText, countText, spanText } from '../../amounts.ts'
import { channelPath } from '../../config/channels.ts'
import type { Repo } from '../../config/repo.ts'
import { type Html, html } from '../../html.ts'
import { repoFile, repoHref } from '../../publish/clientRepo.ts'
import { trustText } from '../../store/chain.ts'
import type { Objective, RepoReport } from '../repoReport.ts'
import { anchor, useLink } from './anchor.ts'
import { runsChart } from './chart.ts'
import { runningPart } from './running.ts'
import { timePart } from './time.ts'

/** A repository's rows: its facts, what it does or why it failed, and how clients use it, which shows when asked for. */
export function repoRows(one: RepoReport, { base, now, key }: { base: string; now: number; key: string }): Html {
  const { repo, runs, live } = one
  return html`<tbody id="${anchor('repo', repo.id)}" class="${one.state}">
<tr>
<th scope="row">${titlePart(one)}</th>
<td data-label="Last success">${freshnessPart(one, now)}</td>
<td data-label="Published">${publishedPart(one, now)}</td>
<td data-label="Next run">${nextPart(one, now)}</td>
<td data-label="Last runs">${runsChart(runs, key)}${lastRunPart(one)}</td>
</tr>
${live?.running && wideRow('now', runningPart(live.running, repo.id, now))}
${problemPart(one)}
${usePart(one, base)}
</tbody>
`
}

function wideRow(kind: string, content: Html): Html {
  return html`<tr class="${kind}"><td colspan="5">${content}</td></tr>`
}

function titlePart({ repo, state, generation }: RepoReport): Html {
  const { id, name, path } = repo
  const link = generation === undefined ? html`${id}` : html`<a href="${repoHref(path)}">${id}</a>`
  const use = html`<a class="how" href="${useLink(id)}">.repo file<span class="for"> of ${id}</span></a>`
  return html`<div class="title"><span class="state">${state}</span> <div><span class="id">${link}</span>
<small>${name === undefined ? '' : html`${name} · `}${use}</small></div></div>`
}

function freshnessPart({ lastSuccess, objective }: RepoReport, now: number): Html {
  const age = lastSuccess === undefined ? html`never` : timePart(lastSuccess, agoText(lastSuccess, now))
  if (objective === undefined) return age
  const tooOld = !objective.met && lastSuccess !== undefined
  return html`<span class="age${tooOld ? ' missed' : ''}">${age}</span>
<small>${tooOld ? 'too old: ' : ''}${objectiveText(objective)}</small>`
}

function objectiveText({ withinMs, budget }: Objective): string {
  const allowed = `${spanText(withinMs)} allowed`
  if (budget.overMs === 0) return allowed
  const part = Math.floor((1 - budget.missedMs / budget.overMs) * 1000) / 10
  return `${allowed}, met for ${part} % of ${spanText(budget.overMs)}`
}

function publishedPart({ generation, hold, repo, channels }: RepoReport, now: number): Html {
  if (generation === undefined) return html`nothing yet`
  const { packages, bytes, number, created } = generation
  return html`<span class="whole">${countText(packages)} packages,</span> <span class="whole">${bytesText(bytes)}</span>
<small>generation ${number}, ${timePart(created, agoText(created, now))}, trust ${trustText(generation)}${channelsPart(repo, channels, now)}${hold !== undefined && html`, <b>held</b> there by ${hold.by}`}</small>`
}

function channelsPart(repo: Repo, channels: RepoReport['channels'], now: number): Html[] {
  return channels.map(({ channel, generation, created }) => {
    const link = html`<a href="${repoHref(channelPath(channel, repo))}">${channel}</a>`
    return html`, ${link} shows ${generation} since ${timePart(created, agoText(created, now))}`
  })
}

function nextPart({ live }: RepoReport, now: number): Html | undefined {
  const { next, queued = 0, running } = live ?? {}
  if (queued > 0) return html`waits for its turn`
  if (next === undefined) return running === undefined && live !== undefined ? html`not scheduled` : html`–`
  return timePart(next, next <= now ? 'due now' : `in ${spanText(next - now)}`)
}

function lastRunPart({ runs: [run] }: RepoReport): Html | undefined {
  if (run === undefined) return html`none yet`
  const { milliseconds, bytes, result } = run
  const took = milliseconds < 90_000 ? `${(milliseconds / 1000).toFixed(1)} s` : spanText(milliseconds)
  return html`<small>${result} in ${took}${bytes > 0 ? `, ${bytesText(bytes)}` : ''}</small>`
}

/** An error's line is as long as what the upstream sent; all of it is in the JSON. */
const shownLetters = 600

function problemPart({ last, generation }: RepoReport): Html | undefined {
  if (last?.message === undefined) return undefined
  const { message, result } = last
  const line = message.length > shownLetters ? `${message.slice(0, shownLetters)}…` : message
  const served = generation === undefined ? 'nothing is served yet' : `generation ${generation.number} is still served`
  return wideRow('problem', html`<p><code>${line}</code> ${result === 'failed' && html`<small>${served}</small>`}</p>`)
}

function usePart({ repo, isSigned }: RepoReport, base: string): Html {
  const { id } = repo
  const close = html`<a href=".">close</a>`
  const places = ['/etc/yum.repos.d', '/etc/zypp/repos.d'].map((folder) => html`<code>${folder}/${id}.repo</code>`)
  return html`<tr class="use" id="${anchor('use', id)}"><td colspan="5">
<p>For dnf and yum as ${places[0]}, for zypper as ${places[1]}: ${close}</p>
<pre tabindex="0">${repoFile(repo, base, isSigned)}</pre></td></tr>`
}
