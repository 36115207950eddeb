import { bytesText, countText } from '../amounts.ts'
import type { Config, Repo } from '../config/repo.ts'
import { exit, MirrorError } from '../errors.ts'
import { planRepo, type RepoPlan } from '../jobs/plan.ts'
import { openState } from '../store/state.ts'

import { formatTable } from './table.ts'
import type { VerbContext } from './verb.ts'

type PlanFlags = { urls?: boolean; json?: boolean; acceptShrink?: boolean }

/** `--dry-run` and `--urls`: reads upstreams' metadata, selects, and prints; no package is fetched, nothing published. */
export async function showPlans(
  config: Config,
  repos: Repo[],
  flags: PlanFlags,
  { log, signal, program }: VerbContext,
): Promise<number> {
  const state = openState(config, 'planning')
  let status: number = exit.done
  const plans: (RepoPlan & { repo: Repo })[] = []
  try {
    for (const repo of repos) {
      const emit = (event: { type: string; level?: 'info' | 'warn'; message?: string }) => {
        if (event.type === 'notice') log[event.level ?? 'info']({ repo: repo.id }, event.message ?? '')
      }
      try {
        plans.push({
          repo,
          ...(await planRepo(repo, { state, emit, signal, program, acceptShrink: flags.acceptShrink === true })),
        })
      } catch (error) {
        if (!(error instanceof MirrorError)) throw error
        error.repo = repo.id
        log.error(error.line)
        status = exit.failed
      }
    }
  } finally {
    state.close()
  }
  process.stdout.write(flags.urls === true ? urlList(plans) : flags.json === true ? planJson(plans) : planTable(plans))
  return status
}

function urlList(plans: readonly RepoPlan[]): string {
  return plans.flatMap(({ urls }) => urls.map((url) => `${url}\n`)).join('')
}

function planTable(plans: readonly (RepoPlan & { repo: Repo })[]): string {
  const columns = [
    { heading: 'repository' },
    { heading: 'upstream', number: true },
    { heading: 'selected', number: true },
    { heading: 'size', number: true },
    { heading: 'to fetch', number: true },
    { heading: 'size', number: true },
  ]
  const rows = plans.map(({ repo, listed, packages, bytes, missing, missingBytes }) => [
    repo.id,
    countText(listed),
    countText(packages),
    bytesText(bytes),
    countText(missing),
    bytesText(missingBytes),
  ])
  return formatTable(columns, rows)
}

function planJson(plans: readonly (RepoPlan & { repo: Repo })[]): string {
  const repos = plans.map(({ repo, urls: _, ...counts }) => ({ repo: repo.id, ...counts }))
  return `${JSON.stringify({ repos }, null, 2)}\n`
}
