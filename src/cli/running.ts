import type { Emit } from '../events.ts'
import { type Facts, factsOf, failureText, resultText } from '../jobs/facts.ts'
import { syncRepos } from '../jobs/sync.ts'
import { outcomeJson, outcomeTable, statusOf } from './outcomes.ts'
import { displayed } from './progress.ts'
import type { VerbContext } from './verb.ts'

type Order = Pick<Parameters<typeof syncRepos>[0], 'config' | 'repos' | 'overrides' | 'acceptShrink' | 'acceptRollback'>

/** Syncs with progress shown, tells each failure in one line and prints how every run ended; the exit status. */
export async function runSync(order: Order, form: 'table' | 'json', context: VerbContext): Promise<number> {
  const { log, program, signal } = context
  if (order.overrides !== undefined)
    log.warn(`this run selects by ${order.overrides}, not as ${order.config.file} says`)
  const sync = async (emit: Emit) => (await syncRepos({ ...order, program, signal, emit })).map(factsOf)
  return show(sync, form, context)
}

/** Shows what runs tell while they run, then how each ended; the exit status. */
export async function show(
  sync: (emit: Emit) => Promise<Facts[]>,
  form: 'table' | 'json',
  context: VerbContext,
): Promise<number> {
  const { log } = context
  const outcomes = await displayed(sync, context)
  for (const facts of outcomes)
    if (facts.error !== undefined) log.error({ repo: facts.repo, code: resultText(facts) }, failureText(facts))
  process.stdout.write(form === 'json' ? outcomeJson(outcomes) : outcomeTable(outcomes))
  return statusOf(outcomes)
}
