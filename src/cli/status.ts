import { exit } from '../errors.ts'
import type { Verb } from './verb.ts'

/** `mirror status`: what is published and how the last runs ended; reads only. */
export const statusVerb: Verb<{ json?: boolean }> = {
  name: 'status',
  help: 'show what is published and how the last runs ended',
  arguments: { name: '[repo...]', help: 'ids or globs of repositories (default: all)' },
  options: [{ flags: '--json', help: 'print it as JSON' }],
  async run(operands, flags, { configFile }) {
    const { statusReport } = await import('./statusReport.ts')
    process.stdout.write(await statusReport(operands, flags.json === true ? 'json' : 'table', configFile))
    return exit.done
  },
}
