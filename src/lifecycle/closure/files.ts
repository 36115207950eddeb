import { fileCapability, provide, type Relations } from '../../repodata/closure/relations.ts'
import { readFilelists } from '../../repodata/filelists/read.ts'
import { capabilitiesOf } from '../../rpm/rich.ts'
import { type Documents, openRecordsOf, readingDocument } from '../documents.ts'
import type { Gathered } from './gather.ts'

/** The paths that packages require and that no primary has. */
export function unknownPaths({ providers, wants }: Relations): Set<string> {
  const unknown = new Set<string>()
  for (const requirements of wants)
    for (const { terms } of requirements ?? [])
      for (const { name } of capabilitiesOf(terms)) if (name.startsWith('/') && !providers.has(name)) unknown.add(name)
  return unknown
}

/** Looks paths up in filelists, where files stand that primary leaves out. */
export async function addFiles(
  paths: ReadonlySet<string>,
  documents: Documents,
  { relations, rowOf }: Pick<Gathered, 'relations' | 'rowOf'>,
): Promise<void> {
  const filelists = documents.get('filelists')
  if (filelists === undefined) return
  await readingDocument(filelists, async () => {
    const { batches } = await openRecordsOf('filelists', filelists)
    for await (const batch of batches)
      for (const record of batch) {
        const { pkgid, files } = readFilelists(record)
        const row = rowOf.get(pkgid)
        if (row === undefined) continue
        for (const { path } of files) if (paths.has(path)) provide(relations, row, fileCapability(path))
      }
  })
}
