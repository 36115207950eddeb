import { Command, CommanderError, Option as CommanderOption } from 'commander'
import { exit, fromSystem, MirrorError } from '../errors.ts'
import { createLog } from '../log.ts'
import { version } from '../version.ts'
import { findExternal, runExternal } from './external.ts'
import type { Option, Verb, VerbContext } from './verb.ts'
import { verbGroups } from './verbs.ts'

const defaultConfig = '/etc/mirror/mirror.yaml'

/** What verbs of two words have in common. */
const groups = {
  config: 'check the configuration, or make one of that of mrepo',
  snapshot: 'freeze what repositories or a channel show now; list and drop what was frozen',
}

const statuses = `
Exit status:
  0  done, or nothing to do
  1  a repository failed; what was published before is still served
  2  the command line or the configuration cannot be used
  3  another process writes to this state
  4  published, but degraded
`

/** Parses a command line and runs its verb; resolves to the exit status. */
export async function runProgram(
  argv: string[],
  surroundings: Pick<VerbContext, 'signal' | 'program'>,
): Promise<number> {
  const outcome = { status: exit.done as number }
  const program = new Command('mirror')
    .description('Keeps local copies of RPM repositories and serves them.')
    .version(version, '-V, --version')
    .option('-c, --config <file>', 'configuration file', defaultConfig)
    .addOption(
      new CommanderOption('--log-format <format>', 'how to log to stderr').choices(['text', 'json']).default('text'),
    )
    .addHelpText('after', `\nA program mirror-NAME on PATH is the command NAME.\n${statuses}`)
    .exitOverride()
  for (const [heading, verbs] of Object.entries(verbGroups)) {
    program.commandsGroup(heading)
    for (const verb of verbs) addVerb(program, verb, surroundings, outcome)
  }
  recursively(program, (command) => command.configureOutput({ outputError: () => {} }))
  try {
    await program.parseAsync(argv, { from: 'user' })
    return outcome.status
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return exit.done
    const [name = '', ...args] = program.args
    const external = error.code === 'commander.unknownCommand' ? findExternal(name) : undefined
    if (external !== undefined) return runExternal(external, args, program.opts<{ config: string }>().config)
    if (error.code === 'commander.help') return exit.usage
    throw misused(error, 'mirror --help lists verbs and options')
  }
}

function misused({ message }: CommanderError, next: string): MirrorError {
  return new MirrorError('E_USAGE', `${message.replace(/^error: /, '')}; ${next}`)
}

function addVerb(
  program: Command,
  verb: Verb,
  surroundings: Pick<VerbContext, 'signal' | 'program'>,
  outcome: { status: number },
): void {
  const path = verb.name.split(' ')
  const parent = path.length === 1 ? program : group(program, path[0] as keyof typeof groups)
  const command = parent.command(path.at(-1) as string).description(verb.help)
  if (verb.arguments !== undefined) command.argument(verb.arguments.name, verb.arguments.help)
  if (verb.failed !== undefined) command.exitOverride(misuseOf(verb.name, verb.failed))
  for (const option of verb.options) command.addOption(toCommander(option))
  if (verb.examples !== undefined)
    command.addHelpText('after', `\nExamples:\n${verb.examples.map((line) => `  ${line}\n`).join('')}`)
  command.action(async (...given: unknown[]) => {
    const operands = verb.arguments === undefined ? [] : [given[0] ?? []].flat()
    const { config, logFormat } = program.opts<{ config: string; logFormat: 'text' | 'json' }>()
    const context = { ...surroundings, configFile: config, logFormat, log: createLog(logFormat) }
    outcome.status = await withStatus(verb.failed, () => verb.run(operands as string[], command.opts(), context))
  })
}

/** What ends a verb that has a status of its own for all failures, a command line that cannot be understood among them. */
function misuseOf(verb: string, failed: number): (cause: CommanderError) => never {
  return (cause) => {
    if (cause.exitCode === 0) throw cause
    const error = misused(cause, `mirror ${verb} --help lists its options`)
    error.exitStatus = failed
    throw error
  }
}

/** Gives the errors that a person can act on a verb's own exit status. */
async function withStatus(failed: number | undefined, run: () => Promise<number>): Promise<number> {
  try {
    return await run()
  } catch (cause) {
    const error = fromSystem(cause)
    if (error instanceof MirrorError) error.exitStatus = failed
    throw error
  }
}

/** `config check` is the verb `check` of the group `config`. */
function group(program: Command, name: keyof typeof groups): Command {
  return program.commands.find((command) => command.name() === name) ?? program.command(name).description(groups[name])
}

function toCommander({ flags, help, list, repeat, choices }: Option): CommanderOption {
  const option = new CommanderOption(flags, help)
  if (choices !== undefined) option.choices(choices)
  if (repeat === true) option.argParser((value: string, before: string[] | undefined) => [...(before ?? []), value])
  if (list === true)
    option.argParser((value: string, before: string[] | undefined) => [
      ...(before ?? []),
      ...value.split(/[\s,]+/).filter(Boolean),
    ])
  return option
}

function recursively(command: Command, apply: (command: Command) => void): void {
  apply(command)
  for (const child of command.commands) recursively(child, apply)
}
