import type { Config, Repo } from '../config/repo.ts'
import type { Emit } from '../events.ts'
import { openState } from '../store/state.ts'
import { type Facts, plainError } from './facts.ts'
import type { Accepting } from './messages.ts'
import { ofRepo } from './outcome.ts'
import { planRepo, type RepoPlan } from './plan.ts'

/** What a sync of one repository would do, or why that cannot be said. */
export type Planned = { repo: string; path: string; plan?: RepoPlan; error?: Facts['error'] }

/** What planning may use. */
export type Planning = Accepting & { program: string; emit: Emit; signal: AbortSignal }

/** Plans one repository after the other. Whatever keeps one from being planned, the others are. */
export async function planRepos(config: Config, repos: readonly Repo[], planning: Planning): Promise<Planned[]> {
  const state = openState(config, 'planning')
  try {
    const plans: Planned[] = []
    for (const repo of repos) plans.push(await planned(repo, () => planRepo(repo, { ...planning, state })))
    return plans
  } finally {
    state.close()
  }
}

/** A plan, or its failure, with the repository that it is of. */
export async function planned(repo: Repo, plan: () => Promise<RepoPlan>): Promise<Planned> {
  const { id, path } = repo
  try {
    return { repo: id, path, plan: await plan() }
  } catch (error) {
    return { repo: id, path, error: plainError(ofRepo(repo, error)) }
  }
}
