import { syncRepos } from '../jobs/sync.ts'
import { failureText, outcomeJson, outcomeTable, resultText, statusOf } from './outcomes.ts'
import { openDisplay } from './progress.ts'
import type { VerbContext } from './verb.ts'

type Order = Pick<Parameters<typeof syncRepos>[0], 'config' | 'repos' | 'overrides' | 'acceptShrink'>

/** Syncs with progress shown, tells each failure in one line and prints how every run ended; the exit status. */
export async function runSync(order: Order, form: 'table' | 'json', context: VerbContext): Promise<number> {
  const { log, logFormat, program, signal } = context
  if (order.overrides !== undefined)
    log.warn(`this run selects by ${order.overrides}, not as ${order.config.file} says`)
  const display = openDisplay(log, logFormat)
  const outcomes = await syncRepos({ ...order, program, signal, emit: (event) => display.emit(event) }).finally(() =>
    display.close(),
  )
  for (const outcome of outcomes)
    if (outcome.error !== undefined)
      log.error({ repo: outcome.repo.id, code: resultText(outcome) }, failureText(outcome))
  process.stdout.write(form === 'json' ? outcomeJson(outcomes) : outcomeTable(outcomes))
  return statusOf(outcomes)
}
