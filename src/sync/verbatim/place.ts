import type { memberRows, stageMembers } from '../../store/members.ts'
import type { Source } from '../source.ts'
import { packagePath } from './hrefs.ts'

/**
 * Stages packages at upstream's own hrefs. Where a retained generation has another content there, which upstream has
 * replaced in place, the same happens here: its metadata leaves no other name for it.
 * @returns the paths that are replaced
 */
export function placeVerbatim(
  { table, rows }: Source,
  members: ReturnType<typeof memberRows>,
  staged: ReturnType<typeof stageMembers>,
  contentOf: (row: number) => string,
): string[] {
  const replaced: string[] = []
  for (const row of rows) {
    const path = packagePath({ href: table.href(row), base: table.base(row) })
    const sha256 = contentOf(row)
    const isOther = members.hasOtherContent(path, sha256)
    staged.add({ path, kind: isOther ? 'extra' : 'package', sha256, dropped: undefined })
    if (isOther) replaced.push(path)
  }
  return replaced
}
