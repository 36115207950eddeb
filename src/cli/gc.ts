import { exit } from '../errors.ts'
import { heldText } from '../jobs/facts.ts'
import type { Verb } from './verb.ts'

type GcFlags = { dryRun?: boolean; all?: boolean; acceptDeletions?: boolean; json?: boolean }

/** `mirror gc`: remove what no retained generation names. */
export const gcVerb: Verb<GcFlags> = {
  name: 'gc',
  help: 'remove what no retained generation names, now',
  options: [
    { flags: '--dry-run', help: 'say what would be removed and remove nothing' },
    { flags: '--all', help: 'also contents that nothing has named for less than a day' },
    { flags: '--accept-deletions', help: 'remove though it is more of a repository than max_delete says' },
    { flags: '--json', help: 'print the result as JSON' },
  ],
  async run(_operands, flags, context) {
    const { operate } = await import('./operate.ts')
    const { bytesText, countText } = await import('../amounts.ts')
    const answer = await operate(
      'gc',
      { dryRun: flags.dryRun === true, all: flags.all === true, acceptDeletions: flags.acceptDeletions === true },
      context,
    )
    const { files, contents, bytes, dryRun, held = [] } = answer
    const did = dryRun ? 'would be removed' : 'removed'
    const text = `${countText(files)} files of published trees and ${countText(contents)} contents (${bytesText(bytes)}) ${did}\n`
    for (const one of held) context.log.warn(heldText(one))
    process.stdout.write(flags.json === true ? `${JSON.stringify(answer, null, 2)}\n` : text)
    return held.length > 0 ? exit.failed : exit.done
  },
}
