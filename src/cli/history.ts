import { exit, MirrorError } from '../errors.ts'
import type { Verb } from './verb.ts'

/** `mirror history`: how the runs of repositories ended, newest first; reads only. */
export const historyVerb: Verb<{ limit?: string; json?: boolean }> = {
  name: 'history',
  help: 'show how the last runs ended, newest first',
  arguments: { name: '[repo...]', help: 'ids or globs of repositories (default: all)' },
  options: [
    { flags: '--limit <count>', help: 'so many runs of each repository (default: 20)' },
    { flags: '--json', help: 'print it as JSON' },
  ],
  async run(operands, flags, { configFile }) {
    const { historyReport } = await import('./historyReport.ts')
    const form = flags.json === true ? 'json' : 'table'
    process.stdout.write(await historyReport(operands, limitOf(flags.limit), form, configFile))
    return exit.done
  },
}

function limitOf(limit = '20'): number {
  if (/^[1-9]\d{0,3}$/.test(limit)) return Number(limit)
  throw new MirrorError('E_USAGE', `--limit ${limit}: a number from 1 to 9999 is expected`)
}
