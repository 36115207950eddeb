import { compatibleArches } from '../../arch.ts'
import { gatherRelations, provide, type Relations } from '../../repodata/closure/relations.ts'
import { type PrimaryPackage, readPrimaryRecord } from '../../repodata/primary/select.ts'
import { formatNevra } from '../../rpm/nevra.ts'
import { type Documents, openRecordsOf, readingDocument } from '../documents.ts'

/** Metadata of a repository to be checked, and of others that hosts have beside it. */
export type View = { checked: Documents; others: readonly Documents[] }

/** All that was read of a view: its packages are numbered through. */
export type Gathered = {
  relations: Relations
  /** What the packages that are checked are called. */
  nevras: string[]
  /** The packages that hosts can install, by their digests as hex. */
  rowOf: Map<string, number>
}

/** Reads each primary of a view. Source packages, and those of arches that hosts of the basearch do not have, provide nothing. */
export async function gather({ checked, others }: View, basearch: string): Promise<Gathered> {
  const gathering = gatherRelations(false)
  const { relations } = gathering
  const gathered: Gathered = { relations, nevras: [], rowOf: new Map() }
  const arches = new Set(compatibleArches(basearch))
  let row = 0
  for (const documents of [checked, ...others])
    await eachPackage(documents, (pkg, record) => {
      const installable = arches.has(pkg.arch)
      gathering.add(row, record, { provides: installable, requires: documents === checked })
      if (installable) addSelf(relations, row, pkg)
      if (installable) gathered.rowOf.set(pkg.checksum.hex, row)
      if (documents === checked) gathered.nevras[row] = formatNevra(pkg)
      row++
    })
  return gathered
}

/** libsolv gives a package its own name, whether its metadata says so or not (ext/repo_rpmmd.c). */
function addSelf(relations: Relations, row: number, { name, epoch, version, release }: PrimaryPackage): void {
  if (relations.providers.get(name)?.at(-1)?.row !== row)
    provide(relations, row, { name, flags: 'EQ', epoch, version, release })
}

async function eachPackage(documents: Documents, visit: (pkg: PrimaryPackage, record: Buffer) => void): Promise<void> {
  const primary = documents.get('primary')
  if (primary === undefined) return
  await readingDocument(primary, async () => {
    const { batches } = await openRecordsOf('primary', primary)
    for await (const batch of batches) for (const record of batch) visit(readPrimaryRecord(record), record)
  })
}
