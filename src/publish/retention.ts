import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { algorithms, hexLengths } from '../digest.ts'
import { measure } from './measure.ts'
import { checksumInName, kindOf } from './metadataName.ts'

/**
 * Which superseded files stay. By default those that the superseded repomd.xml named, for clients that have read it and
 * now fetch what it names; createrepo_c removes them at once.
 */
export type Retention = {
  /** How many older copies of each kind stay, the newest; 0 for none. */
  retainOldMd?: number | undefined
  /** For how many seconds after they were written superseded files stay. */
  retainOldMdByAge?: number | undefined
}

type OldFile = { name: string; mtime: number }

/** What the repomd.xml names that is shown now, and what the one before it named; undefined where that is not known. */
export type Named = { now: ReadonlySet<string>; before: ReadonlySet<string> | undefined }

/**
 * The names in repodata/ that are to be removed after a publish. Files of others are never among them: only what a
 * repomd.xml named, the descriptions of packages by their names, and files whose name begins with their own checksum.
 */
export async function outdated(repodata: string, named: Named, retention: Retention): Promise<string[]> {
  const old = oldFiles(repodata, named)
  const names: string[] = []
  for (const name of beyond(old, named, retention)) if (await isMetadata(repodata, name, named)) names.push(name)
  return names
}

function oldFiles(repodata: string, { now }: Named): OldFile[] {
  return readdirSync(repodata, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !now.has(entry.name) && !entry.name.startsWith('repomd.xml'))
    .flatMap(({ name }) => {
      const stat = statSync(join(repodata, name), { throwIfNoEntry: false })
      return stat === undefined ? [] : [{ name, mtime: Math.floor(stat.mtimeMs / 1000) }]
    })
}

function beyond(old: OldFile[], { before }: Named, { retainOldMd, retainOldMdByAge }: Retention): string[] {
  if (retainOldMdByAge !== undefined) return olderThan(old, Math.floor(Date.now() / 1000) - retainOldMdByAge)
  if (retainOldMd !== undefined) return beyondNewest(old, retainOldMd)
  return before === undefined ? [] : old.map(({ name }) => name).filter((name) => !before.has(name))
}

function olderThan(old: OldFile[], time: number): string[] {
  return old.filter(({ mtime }) => mtime < time).map(({ name }) => name)
}

function beyondNewest(old: OldFile[], copies: number): string[] {
  const kinds = Map.groupBy(old, ({ name }) => kindOf(name))
  return [...kinds.values()].flatMap((files) =>
    files
      .sort((a, b) => b.mtime - a.mtime || (a.name < b.name ? -1 : 1))
      .slice(copies)
      .map(({ name }) => name),
  )
}

/** createrepo_c's patterns (src/helpers.c 127-163), for names with a checksum or none. */
const descriptions = /^(?:primary|filelists|filelists-ext|other)\.(?:xml|sqlite)$/

async function isMetadata(repodata: string, name: string, { before }: Named): Promise<boolean> {
  if (before?.has(name) || descriptions.test(kindOf(name))) return true
  const hex = checksumInName(name)
  const algorithm = algorithms.find((one) => hexLengths[one] === hex?.length)
  return algorithm !== undefined && (await measure(join(repodata, name), algorithm)).hex === hex
}
