import type * as z from 'zod/mini'
import type { Config } from '../config/repo.ts'
import type { Operating } from '../lifecycle/operating.ts'

/** What somebody asks for: a name of the table, arguments that are not checked yet, and who it is. */
export type Asking = { name: string; arguments: unknown; by: string }

/** Publish paths that an operation writes below, or the whole state. */
export type Writes = readonly string[] | 'all'

/**
 * One verb that writes, as it is asked for by a command line, a schedule, or over the admin API. Arguments and answers are
 * plain values: they pass through JSON.
 */
export type Operation<Arguments = unknown, Answer = unknown, Given = unknown> = {
  /** What is passed to it; whatever else comes is refused by name. */
  arguments: z.ZodMiniType<Arguments, Given>
  /**
   * What nothing else may write meanwhile. @throws E_USAGE for what there is not, before anything waits for its turn
   */
  writes(config: Config, given: Arguments): Writes
  /** Carries it out. What a publish that failed in it prepared below the paths that it writes is taken back afterwards. */
  run(operating: Operating<Arguments>): Promise<Answer>
}

/** An operation as it is: lets each entry of the table have arguments and an answer of its own. */
export function operation<Arguments, Answer, Given>(
  of: Operation<Arguments, Answer, Given>,
): Operation<Arguments, Answer, Given> {
  return of
}
