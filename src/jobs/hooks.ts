import type { Emit } from '../events.ts'
import { cannotBeRun, type Fact, runProgram } from '../lifecycle/program.ts'
import { type Facts, factsOf } from './facts.ts'
import type { Outcome } from './outcome.ts'

/**
 * Tells a repository's program of a publication or a failure. Whatever comes of it, it is a warning at most.
 * @param signal stops the program too, a little later
 */
export async function callHook(outcome: Outcome, root: string, emit: Emit, signal: AbortSignal): Promise<void> {
  const { hooks, id } = outcome.repo
  const facts = factsOf(outcome)
  const event = facts.error === undefined ? 'publish' : 'failure'
  const program = hooks[event]
  if (program === undefined || facts.result === 'unchanged' || facts.error?.code === 'E_INTERRUPTED') return
  const told = { event, root, ...facts }
  const problem = await runProgram(program, told, plainFacts(told), { timeoutMs: hooks.timeoutMs, signal }).catch(
    cannotBeRun,
  )
  if (problem === undefined) return
  emit({ type: 'notice', repo: id, level: 'warn', message: `on_${event}: ${program} ${problem}` })
}

/** Each fact by a name of its own. */
function plainFacts({ error, ...facts }: { event: string; root: string } & Facts): Record<string, Fact> {
  return { ...facts, ...(error && { error_code: error.code, error: error.message }) }
}
