import { chmodSync, lstatSync } from 'node:fs'
import type { State } from '../../store/state.ts'
import type { Finding } from './finding.ts'
import { type Mended, takeCopy } from './mend.ts'

/**
 * Gives files and directories the modes that they should have. An inode that has names which are not ours is somebody
 * else's too, and is left alone: ours become links to a copy of it.
 * @returns what was mended, and contents that are another inode now
 */
export async function mendModes(
  state: State,
  found: readonly Finding[],
): Promise<{ mended: Mended[]; copied: Set<string> }> {
  const mended: Mended[] = []
  const copied = new Set<string>()
  for (const { path, sha256, names } of found.filter(({ kind }) => kind === 'mode')) {
    const stat = lstatSync(path, { throwIfNoEntry: false })
    if (stat === undefined || stat.isSymbolicLink()) continue
    const isOurs = stat.isDirectory() || (sha256 !== undefined && stat.nlink <= names + 1)
    if (isOurs) chmodSync(path, stat.isDirectory() ? 0o755 : 0o644)
    else if (sha256 === undefined || !(await takeCopy(path, sha256, state))) continue
    else copied.add(sha256)
    mended.push({ path, from: isOurs ? 'its mode' : 'a copy, since others have links to it' })
  }
  return { mended, copied }
}
