import { readOpened } from '../../repodata/compression.ts'
import { compsMembers, maxCompsBytes } from '../../repodata/comps.ts'
import { wholeOf } from '../../repodata/whole.ts'
import { type Documents, type PublishedDocument, readingDocument } from '../documents.ts'

/** Groups, environments and categories by kind and id: `group core`. */
export type Groups = { added: string[]; removed: string[]; changed: string[] }

/** Compares the comps of two generations by their elements' texts. */
export async function compareGroups(before: Documents, after: Documents): Promise<Groups> {
  const groups: Groups = { added: [], removed: [], changed: [] }
  const [one, other] = [compsOf(before), compsOf(after)]
  if (one?.sha256 === other?.sha256) return groups
  const [past, now] = [await elementsOf(one), await elementsOf(other)]
  for (const [key, element] of now)
    if (past.get(key) !== element) (past.has(key) ? groups.changed : groups.added).push(key)
  groups.removed = [...past.keys()].filter((key) => !now.has(key))
  return groups
}

/** Compressed or not, it is the same document, and has had either type. */
function compsOf(documents: Documents): PublishedDocument | undefined {
  return documents.get('group') ?? documents.get('group_gz')
}

async function elementsOf(document: PublishedDocument | undefined): Promise<Map<string, string>> {
  if (document === undefined) return new Map()
  return await readingDocument(document, async () => {
    const { file, record } = document
    return compsMembers(await wholeOf(readOpened(file, record), maxCompsBytes, 'comps'))
  })
}
