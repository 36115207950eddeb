import type { Repo } from '../../config/repo.ts'
import type { Link } from '../../store/chain.ts'
import type { State } from '../../store/state.ts'
import { indexFolder } from '../local/links.ts'
import { readSeen } from './seen.ts'

/** What vouched for the upstreams that a repository's index was made of. */
export function mergedChain(repo: Repo, { state }: Pick<State, 'state'>): Link[] {
  return Object.values(readSeen(indexFolder(state, repo.path), repo)).map(({ link }) => link)
}
