import type { Config } from '../config/repo.ts'
import type { Log } from '../log.ts'

/** What a daemon is started with. */
export type DaemonOptions = {
  config: Config
  /** Reads the configuration again, as the first one was. */
  readConfig(): Promise<Config>
  /** The program that worker processes run: this one. */
  program: string
  log: Log
  /** Ends it: running syncs are stopped, running responses finish. */
  signal: AbortSignal
}
