import { exit, oneLine } from '../errors.ts'
import type { Verb } from './verb.ts'

type Flags = { from?: string; to?: string; scheduled?: boolean; force?: boolean; json?: boolean }

/** `mirror promote`: have a channel show what another one, or the repositories themselves, show now. */
export const promoteVerb: Verb<Flags> = {
  name: 'promote',
  help: 'publish in a channel what the channel before it shows',
  arguments: { name: '[repo...]', help: 'ids or globs of repositories (default: all that the channel has)' },
  options: [
    { flags: '--to <channel>', help: 'the channel that is to show it (required)' },
    { flags: '--from <channel>', help: 'from another channel than the one that it is filled from' },
    { flags: '--scheduled', help: "as the channel's after and security say, in place of what is shown now" },
    { flags: '--force', help: 'although a gate refuses' },
    { flags: '--json', help: 'print the result as JSON' },
  ],
  examples: ['mirror promote --to test', 'mirror promote appstream baseos --from dev --to prod'],
  async run(repos, flags, context) {
    const { operate } = await import('./operate.ts')
    const { MirrorError } = await import('../errors.ts')
    const { promotionTable } = await import('./lifecycleTables.ts')
    const { from, to, scheduled = false, force = false } = flags
    if (to === undefined) throw new MirrorError('E_USAGE', '--to is missing; name the channel that is to show it')
    const answer = await operate('promote', { repos, to, scheduled, force, ...(from && { from }) }, context)
    for (const { repo, error } of answer.repos)
      if (error !== undefined)
        context.log.error({ repo, code: error.code }, oneLine(`${error.code} ${repo}: ${error.message}`))
    process.stdout.write(flags.json === true ? `${JSON.stringify(answer, null, 2)}\n` : promotionTable(answer))
    return answer.repos.some(({ error }) => error !== undefined) ? exit.failed : exit.done
  },
}
