import { repositoriesText } from '../amounts.ts'
import { exit } from '../errors.ts'
import type { Verb } from './verb.ts'

/** `mirror reload`: have the running daemon read its configuration again. */
export const reloadVerb: Verb = {
  name: 'reload',
  help: 'have the running daemon read its configuration again',
  options: [],
  async run(_operands, _flags, context) {
    const { readConfig } = await import('./configuration.ts')
    const { daemonOf } = await import('./asked.ts')
    const { file, repos } = await (await daemonOf(await readConfig(context))).reload()
    process.stdout.write(`reloaded ${file}: ${repositoriesText(repos)}\n`)
    return exit.done
  },
}
