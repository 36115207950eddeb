import type { Config } from '../config/repo.ts'
import type { Emit } from '../events.ts'
import type { State } from '../store/state.ts'

/** What an operation may use. */
export type Operating<Arguments> = {
  state: State
  config: Config
  emit: Emit
  /** An operation that takes long asks it now and then, and lets other things happen between (`await nextTurn()`). */
  signal: AbortSignal
  /** The program that threads or processes of its own would run: this one. */
  program: string
  /** Who asked for it, as it is recorded and shown. */
  by: string
  arguments: Arguments
}
