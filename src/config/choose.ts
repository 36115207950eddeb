import { MirrorError } from '../errors.ts'
import { globMatcher } from '../glob.ts'
import type { Config, Repo } from './repo.ts'

/** The configured repositories that the operands name, by id or glob; all of them where there are none. */
export function chooseRepos({ repos, file }: Config, operands: readonly string[]): Repo[] {
  if (operands.length === 0) return repos
  const chosen = new Set<Repo>()
  for (const operand of operands) {
    const matches = globMatcher(operand)
    const found = repos.filter(({ id }) => matches(id))
    if (found.length === 0) {
      const known = repos.map(({ id }) => id).join(', ')
      throw new MirrorError('E_USAGE', `no repository ${operand} in ${file}; it has ${known === '' ? 'none' : known}`)
    }
    for (const repo of found) chosen.add(repo)
  }
  return repos.filter((repo) => chosen.has(repo))
}

/** The same without those that come in archives; @throws E_USAGE where no other is named. */
export function chooseSynced(config: Config, operands: readonly string[]): Repo[] {
  const chosen = chooseRepos(config, operands)
  const synced = chosen.filter(({ archive }) => archive === undefined)
  if (synced.length > 0 || chosen.length === 0) return synced
  const ids = chosen.map(({ id }) => id).join(', ')
  throw new MirrorError('E_USAGE', `${ids}: what comes in archives has no upstream to sync from; mirror import FILE`)
}
