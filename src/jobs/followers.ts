import { takes } from '../config/channels.ts'
import type { Config } from '../config/repo.ts'
import type { Promotion } from '../lifecycle/promote.ts'
import type { RolledBack } from '../lifecycle/rollback.ts'
import type { Asking } from './operation.ts'

/** Repositories that were published in a channel, or at their own paths where that is undefined. */
export type Publications = { channel: string | undefined; repos: string[] }

/** The promotions into channels that follow another one, or the repositories themselves, after something was published there. */
export function followersOf(config: Config, source: string | undefined, published: readonly string[]): Asking[] {
  return config.channels
    .filter(({ follow, from }) => follow && from === source)
    .flatMap((channel) => {
      const repos = config.repos
        .filter((repo) => published.includes(repo.id) && takes(channel, repo))
        .map(({ id }) => id)
      const given = { repos, to: channel.name, scheduled: false, force: false }
      return repos.length === 0 ? [] : [{ name: 'promote', arguments: given, by: 'follow' }]
    })
}

/** What an operation has published where channels may follow; its answer is undefined where it failed. */
export function publishedBy({ name, arguments: given }: Asking, answer: unknown): Publications {
  const nothing = { channel: undefined, repos: [] }
  if (answer === undefined) return nothing
  if (name === 'promote') {
    const { channel, repos } = answer as Promotion
    return { channel, repos: repos.filter(({ shown }) => shown?.result === 'published').map(({ repo }) => repo) }
  }
  if (name !== 'rollback') return nothing
  const { result, repo } = answer as RolledBack
  return { channel: (given as { channel?: string }).channel, repos: result === 'published' ? [repo] : [] }
}
