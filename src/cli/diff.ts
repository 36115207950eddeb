import { exit, MirrorError } from '../errors.ts'
import type { Verb } from './verb.ts'

type Flags = { json?: boolean; format?: 'text' | 'json' | 'markdown' }

/** `mirror diff`: what differs between two generations; reads only. */
export const diffVerb: Verb<Flags> = {
  name: 'diff',
  help: 'show what differs between two generations: packages, modules, groups, advisories and their CVEs',
  arguments: {
    name: '<address...>',
    help: 'a repository and up to two of its generations (default: the one before and the current one), or what is shown elsewhere: appstream@41, prod:appstream',
  },
  options: [
    { flags: '--json', help: 'print it as JSON' },
    { flags: '--format <format>', help: 'text, json, or a report in markdown', choices: ['text', 'json', 'markdown'] },
  ],
  examples: ['mirror diff appstream', 'mirror diff appstream 40 41', 'mirror diff prod:appstream dev:appstream'],
  async run(operands, flags, { configFile }) {
    const format = flags.json === true ? 'json' : (flags.format ?? 'text')
    if (flags.json === true && (flags.format ?? 'json') !== 'json')
      throw new MirrorError('E_USAGE', `--json and --format ${flags.format}: one of them is expected`)
    const { takeDiff } = await import('./diffReport.ts')
    const found = await takeDiff(operands, configFile)
    if (format === 'json') process.stdout.write((await import('./diffJson.ts')).diffJson(found))
    else if (format === 'markdown') process.stdout.write((await import('./diffMarkdown.ts')).diffMarkdown(found))
    else process.stdout.write((await import('./diffText.ts')).diffText(found))
    return exit.done
  },
}
