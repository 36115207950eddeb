import { exit, MirrorError } from '../errors.ts'
import type { Verb } from './verb.ts'

/** `mirror status`: what is published and how the last runs ended; reads only. */
export const statusVerb: Verb<{ json?: boolean; check?: boolean; generations?: boolean; disk?: boolean }> = {
  name: 'status',
  help: 'show what is published and how the last runs ended',
  arguments: { name: '[repo...]', help: 'ids or globs of repositories (default: all)' },
  options: [
    { flags: '--json', help: 'print it as JSON' },
    {
      flags: '--generations',
      help: 'show every generation that is retained, in channels too, newest first, what it changed and who made it',
    },
    { flags: '--disk', help: 'show what trees take of the disk, and what they share' },
    {
      flags: '--check',
      help: 'for monitoring: exit 1 where fresh_within is missed or, without it, the last run failed',
    },
  ],
  async run(operands, { json = false, check: checks = false, generations = false, disk = false }, { configFile }) {
    if (disk) {
      const { usageReport } = await import('./usageReport.ts')
      process.stdout.write(await usageReport(json ? 'json' : 'table', configFile))
      return exit.done
    }
    if (generations) {
      if (checks) throw new MirrorError('E_USAGE', '--generations and --check: one of them is expected')
      const { generationsReport } = await import('./generations.ts')
      process.stdout.write(await generationsReport(operands, json ? 'json' : 'table', configFile))
      return exit.done
    }
    const { takeReport } = await import('./statusReport.ts')
    const report = await takeReport(operands, configFile)
    const checked = checks ? (await import('../status/check.ts')).check(report) : undefined
    if (json) process.stdout.write((await import('../status/json.ts')).statusJson(report))
    else process.stdout.write(checked?.text ?? (await import('./statusTable.ts')).statusTable(report))
    return checked?.ok === false ? exit.failed : exit.done
  },
}
