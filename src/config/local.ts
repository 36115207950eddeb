import { stat } from 'node:fs/promises'
import { absolute, type Folders } from './folders.ts'
import { type Layer, type Written, writtenItems } from './layers.ts'
import { type Mistakes, quoted } from './mistakes.ts'
import type { Substitute } from './substitute.ts'
import { isWithin, withoutLinks } from './within.ts'

/** The local folders of a repository, absolute, as they are written; none where it has an upstream. */
export function localsOf(own: Layer, substitute: Substitute, mistakes: Mistakes): Written<string>[] {
  const tree = own.tree.within.get('local')
  if (tree === undefined) return []
  const other = ['baseurl', 'mirrorlist', 'metalink'].find((key) => own.tree.within.has(key))
  if (other !== undefined)
    mistakes.add(tree.keyPlace, `${own.label}: local and ${other} exclude each other`, 'leave one out')
  if (own.keys.local?.length === 0) mistakes.add(tree.place, `${own.label}: local names no folder`, 'write a folder')
  return writtenItems(own, 'local', own.keys.local).flatMap((item) => absolute(item, substitute, mistakes) ?? [])
}

/**
 * Says which local folders cannot be used: what is published from a folder that holds it would be published again and
 * again. One that is not there may be mounted later, so that is a warning.
 */
export async function checkLocals(
  locals: readonly Written<string>[],
  folders: Folders | undefined,
  mistakes: Mistakes,
): Promise<void> {
  for (const local of locals) {
    const folder = await withoutLinks(local.value)
    for (const [called, path] of Object.entries(folders ?? {})) {
      const how = relation(folder, await withoutLinks(path))
      if (how !== undefined)
        mistakes.about(local, `${quoted(folder)} ${how} ${called} ${quoted(path)}`, 'write a folder apart from it')
    }
    const found = await stat(folder).catch(() => undefined)
    if (found?.isDirectory() !== true)
      mistakes.warn(local.place, `${local.called}: there is no folder ${quoted(folder)}`)
  }
}

function relation(folder: string, other: string): string | undefined {
  if (folder === other) return 'is'
  if (isWithin(folder, other)) return 'lies in'
  return isWithin(other, folder) ? 'holds' : undefined
}
