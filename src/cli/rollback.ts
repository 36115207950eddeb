import { exit, MirrorError } from '../errors.ts'
import type { Verb } from './verb.ts'

/** `mirror rollback`: publish an older generation again. */
export const rollbackVerb: Verb<{ to?: string; channel?: string; json?: boolean }> = {
  name: 'rollback',
  help: 'publish an older generation of a repository again; its syncs wait for mirror release then',
  arguments: { name: '<repo>', help: 'its id' },
  options: [
    { flags: '--to <generation>', help: 'which one (default: the one before; mirror status --generations shows them)' },
    { flags: '--channel <channel>', help: 'what a channel shows, in place of the repository' },
    { flags: '--json', help: 'print the result as JSON' },
  ],
  examples: ['mirror rollback appstream --channel prod', 'mirror rollback appstream --to 41'],
  async run([repo = ''], flags, context) {
    const { operate } = await import('./operate.ts')
    const { channel } = flags
    const given = { repo, ...(flags.to && { to: numberOf(flags.to) }), ...(channel && { channel }) }
    const answer = await operate('rollback', given, context)
    const { path, from, generation, result, held } = answer
    const text =
      result === 'published'
        ? `${path} shows generation ${from} again, as ${generation}`
        : `${path} shows just that already`
    const until = held ? `; its syncs wait for mirror release ${repo}` : ''
    process.stdout.write(flags.json === true ? `${JSON.stringify(answer, null, 2)}\n` : `${text}${until}\n`)
    return exit.done
  },
}

function numberOf(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  throw new MirrorError('E_USAGE', `--to ${text}: the number of a generation is expected`)
}

/** `mirror release`: let syncs of repositories that were rolled back go on. */
export const releaseVerb: Verb<{ json?: boolean }> = {
  name: 'release',
  help: 'let syncs of repositories that were rolled back go on',
  arguments: { name: '<repo...>', help: 'ids or globs of repositories' },
  options: [{ flags: '--json', help: 'print the result as JSON' }],
  async run(repos, flags, context) {
    const { operate } = await import('./operate.ts')
    const answer = await operate('release', { repos }, context)
    const lines = [
      ...answer.released.map((repo) => `${repo} is released; its next sync brings it up to date\n`),
      ...answer.free.map((repo) => `${repo} is not held\n`),
    ]
    process.stdout.write(flags.json === true ? `${JSON.stringify(answer, null, 2)}\n` : lines.join(''))
    return exit.done
  },
}
