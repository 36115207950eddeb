import { namedFilesOnlyIn } from '../../store/changes.ts'
import type { Documents, Reading } from '../documents.ts'
import { type Advisories, compareAdvisories } from './advisories.ts'
import { compareGroups, type Groups } from './groups.ts'
import { compareModules, type StreamChange } from './modules.ts'
import { comparePackages, type Packages } from './packages.ts'
import { type OpenSide, openSide, type Side } from './side.ts'

/** What differs between two generations. */
export type Diff = {
  before: Side
  after: Side
  packages: Packages
  modules: StreamChange[]
  groups: Groups
  advisories: Advisories
  /** Types of other metadata that came, went or changed. */
  metadata: string[]
  /** Paths of files of a tree, and of extra files, that came, went or changed. */
  files: string[]
}

/** Compares two generations, whichever repos they are of; documents are read only where they differ. */
export async function diff(before: Side, after: Side, reading: Reading): Promise<Diff> {
  const [past, now] = [openSide(before, reading), openSide(after, reading)]
  return {
    before,
    after,
    packages: await comparePackages(past, now, reading),
    modules: await compareModules(past.documents.get('modules'), now.documents.get('modules')),
    groups: await compareGroups(past.documents, now.documents),
    advisories: await compareAdvisories(past.documents.get('updateinfo'), now.documents.get('updateinfo')),
    metadata: otherMetadata(past.documents, now.documents),
    files: otherFiles(past, now, reading),
  }
}

/** What is told apart, and what is made of the packages, compressed or as a database. */
const told = /^(?:(?:primary|filelists|other|filelists-ext)(?:_.*)?|modules|group|group_gz|updateinfo)$/

function otherMetadata(past: Documents, now: Documents): string[] {
  const types = new Set([...past.keys(), ...now.keys()])
  return [...types].filter((type) => !told.test(type) && past.get(type)?.sha256 !== now.get(type)?.sha256).sort()
}

/** Metadata without a digest in its name is no file of its own. */
function otherFiles(past: OpenSide, now: OpenSide, { database }: Reading): string[] {
  const paths = new Set([...namedFilesOnlyIn(database, past, now), ...namedFilesOnlyIn(database, now, past)])
  return [...paths].filter((path) => !path.startsWith('repodata/')).sort()
}
