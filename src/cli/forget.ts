import { exit } from '../errors.ts'
import type { Leftover } from '../lifecycle/forget.ts'
import type { Verb, VerbContext } from './verb.ts'

/** `mirror forget`: remove trees whose repository or channel is not configured any more; without paths it lists them. */
export const forgetVerb: Verb<{ json?: boolean }> = {
  name: 'forget',
  help: 'list trees of repositories and channels that are not configured any more, or remove them',
  arguments: { name: '[path...]', help: 'publish paths as the list shows them (default: list)' },
  options: [{ flags: '--json', help: 'print the result as JSON' }],
  examples: ['mirror forget', 'mirror forget centos-7/os dev/centos-7/os'],
  async run(paths, flags, context) {
    const { forgottenText, leftoverJson, leftoverTable } = await import('./forgetReport.ts')
    if (paths.length === 0) {
      const all = await listLeftovers(context)
      process.stdout.write(flags.json === true ? leftoverJson(all) : leftoverTable(all))
      return exit.done
    }
    const { operate } = await import('./operate.ts')
    const answer = await operate('forget', { paths }, context)
    const text = answer.forgotten.map(forgottenText).join('')
    process.stdout.write(flags.json === true ? `${JSON.stringify(answer, null, 2)}\n` : text)
    return exit.done
  },
}

async function listLeftovers(context: VerbContext): Promise<Leftover[]> {
  const { readConfig } = await import('./configuration.ts')
  const { openDatabaseReadOnly } = await import('../store/database.ts')
  const { databasePath } = await import('../store/state.ts')
  const { leftovers } = await import('../lifecycle/forget.ts')
  const config = await readConfig(context)
  const database = openDatabaseReadOnly(databasePath(config.state))
  try {
    return database === undefined ? [] : leftovers(config, database)
  } finally {
    database?.close()
  }
}
