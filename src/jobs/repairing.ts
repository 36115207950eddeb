import type { Config } from '../config/repo.ts'
import type { Emit } from '../events.ts'
import type { State } from '../store/state.ts'

/** What repairing may use. */
export type Repairing = { state: State; config: Config; program: string; emit: Emit; signal: AbortSignal }
