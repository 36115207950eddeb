import { exit } from '../errors.ts'
import type { Verb } from './verb.ts'

/** `mirror gc`: remove what no retained generation names. */
export const gcVerb: Verb<{ dryRun?: boolean; json?: boolean }> = {
  name: 'gc',
  help: 'remove what no retained generation names, now',
  options: [
    { flags: '--dry-run', help: 'say what would be removed and remove nothing' },
    { flags: '--json', help: 'print the result as JSON' },
  ],
  async run(_operands, flags, context) {
    const { operate } = await import('./operate.ts')
    const { bytesText, countText } = await import('../amounts.ts')
    const answer = await operate('gc', { dryRun: flags.dryRun === true }, context)
    const { files, contents, bytes, dryRun } = answer
    const did = dryRun ? 'would be removed' : 'removed'
    const text = `${countText(files)} files of published trees and ${countText(contents)} contents (${bytesText(bytes)}) ${did}\n`
    process.stdout.write(flags.json === true ? `${JSON.stringify(answer, null, 2)}\n` : text)
    return exit.done
  },
}
