import { MirrorError } from '../../errors.ts'
import { stagedInTheWay, stageMembers } from '../../store/members.ts'
import type { State } from '../../store/state.ts'
import type { FetchedFile } from './fetch.ts'

/** Stages the files of a tree beside the packages. @throws E_PATH where one is to be what is a folder of others */
export function placeTree(files: readonly FetchedFile[], { database }: State): void {
  const staged = stageMembers(database)
  for (const { path, kind, content } of files) staged.add({ path, kind, sha256: content.sha256, dropped: undefined })
  staged.done()
  const path = stagedInTheWay(database)
  if (path !== undefined) throw new MirrorError('E_PATH', `${path} is to be a file, and is a folder of others`)
}
