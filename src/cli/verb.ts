import type { Log } from '../log.ts'

/** One option of a verb, in commander's notation: `-n, --newest-only`, `--arch <arch>`. */
export type Option = {
  flags: string
  help: string
  /** May be given more than once, or as a list with commas. */
  list?: boolean
  /** May be given more than once, each value as it is. */
  repeat?: boolean
  choices?: readonly string[]
}

/** What every verb gets besides its own arguments. */
export type VerbContext = {
  /** The configuration file. */
  configFile: string
  logFormat: 'text' | 'json'
  log: Log
  /** Aborted by SIGINT or SIGTERM with an E_INTERRUPTED. */
  signal: AbortSignal
  /** The program's own file, for the processes that it starts. */
  program: string
}

/**
 * One verb of the command line. Parsing and help are made of these tables, and so is the README's list of commands.
 * `run` returns the exit status.
 */
export type Verb<Options = Record<string, unknown>> = {
  name: string
  help: string
  arguments?: { name: string; help: string }
  options: readonly Option[]
  /** The exit status where it fails, whatever the error; by the error's code unless given. */
  failed?: number
  examples?: readonly string[]
  run(operands: string[], options: Options, context: VerbContext): Promise<number>
}
