import type { Daemon } from '../admin/client.ts'
import { bytesText, countText } from '../amounts.ts'
import type { Config, Repo } from '../config/repo.ts'
import { exit, exitStatusOf, oneLine } from '../errors.ts'
import type { Event } from '../events.ts'
import type { Accepting } from '../jobs/messages.ts'
import type { RepoPlan } from '../jobs/plan.ts'
import { type Planned, planRepos } from '../jobs/plans.ts'
import { formatTable } from './table.ts'
import type { VerbContext } from './verb.ts'

type Form = { urls?: boolean; json?: boolean }

/** `--dry-run` and `--urls`: reads upstreams' metadata, selects, and prints; no package is fetched, nothing published. */
export async function showPlans(
  config: Config,
  repos: Repo[],
  form: Form & Partial<Accepting>,
  context: VerbContext,
): Promise<number> {
  const { log, signal, program } = context
  const { acceptShrink = false, acceptRollback } = form
  const emit = (event: Event) => {
    if (event.type === 'notice') log[event.level]({ repo: event.repo }, event.message)
  }
  const planning = { program, signal, emit, acceptShrink, acceptRollback }
  return print(await planRepos(config, repos, planning), form, context)
}

/** The same by a running daemon, which holds the state. */
export async function askForPlans(
  daemon: Daemon,
  request: Parameters<Daemon['plan']>[0],
  form: Form,
  context: VerbContext,
): Promise<number> {
  return print(await daemon.plan(request, context.signal), form, context)
}

type Shown = { repo: string; plan: RepoPlan }

function print(all: readonly Planned[], { urls, json }: Form, { log }: VerbContext): number {
  const plans = all.flatMap(({ repo, plan }) => (plan === undefined ? [] : [{ repo, plan }]))
  process.stdout.write(urls === true ? urlList(plans) : json === true ? planJson(plans) : planTable(plans))
  const errors = all.flatMap(({ repo, error }) => (error === undefined ? [] : [{ repo, ...error }]))
  for (const { repo, code, message, stack } of errors)
    log.error(
      { repo, code },
      stack === undefined ? oneLine(`${code} ${repo}: ${message}`) : `${code} ${repo}: ${stack}`,
    )
  return Math.max(exit.done, ...errors.map(({ code }) => exitStatusOf(code)))
}

function urlList(plans: readonly Shown[]): string {
  return plans.flatMap(({ plan }) => plan.urls.map((url) => `${url}\n`)).join('')
}

function planTable(plans: readonly Shown[]): string {
  const columns = [
    { heading: 'repository' },
    { heading: 'upstream', number: true },
    { heading: 'selected', number: true },
    { heading: 'size', number: true },
    { heading: 'to fetch', number: true },
    { heading: 'size', number: true },
  ]
  const rows = plans.map(({ repo, plan }) => [
    repo,
    countText(plan.listed),
    countText(plan.packages),
    bytesText(plan.bytes),
    countText(plan.missing),
    bytesText(plan.missingBytes),
  ])
  return formatTable(columns, rows)
}

function planJson(plans: readonly Shown[]): string {
  const repos = plans.map(({ repo, plan: { urls: _, ...counts } }) => ({ repo, ...counts }))
  return `${JSON.stringify({ repos }, null, 2)}\n`
}
