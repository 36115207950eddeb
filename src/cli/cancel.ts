import { exit, exitStatus, MirrorError } from '../errors.ts'
import type { Verb } from './verb.ts'

/** `mirror cancel`: take jobs out of the daemon's queue, or stop them. */
export const cancelVerb: Verb = {
  name: 'cancel',
  help: 'stop jobs of the running daemon, or take them out of its queue',
  arguments: { name: '<job...>', help: 'their numbers, as mirror jobs shows them' },
  options: [],
  async run(operands, _flags, context) {
    const { readConfig } = await import('./configuration.ts')
    const { daemonOf } = await import('./asked.ts')
    const ids = operands.map(idOf)
    const daemon = await daemonOf(await readConfig(context))
    let status: number = exit.done
    for (const id of ids) {
      try {
        const { repo, verb } = await daemon.cancel(id)
        process.stdout.write(`job ${id} (${repo ?? verb}) is cancelled\n`)
      } catch (error) {
        if (!(error instanceof MirrorError)) throw error
        context.log.error(error.line)
        status = exitStatus(error)
      }
    }
    return status
  },
}

function idOf(operand: string): number {
  if (/^[1-9]\d{0,14}$/.test(operand)) return Number(operand)
  throw new MirrorError('E_USAGE', `${operand} is no job's number; mirror jobs shows them`)
}
