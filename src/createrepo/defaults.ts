import { availableParallelism } from 'node:os'
import type { WrittenFormat } from '../repodata/compression.ts'
import type { CreaterepoOptions } from './options.ts'

/** How metadata is made of a folder that no one gave flags for: as `mirror createrepo` does, all files in one format. */
export function plainOptions(directory: string, format: WrittenFormat = 'gz'): CreaterepoOptions {
  return {
    directory,
    output: directory,
    choice: { excludes: [], pkglist: undefined, skipSymlinks: false },
    locating: { cutDirs: 0, prefix: undefined, base: undefined },
    reading: { checksum: 'sha256', changelogLimit: 10, filelistsExt: false },
    update: undefined,
    workers: Math.min(availableParallelism(), 5),
    groupFile: undefined,
    formats: { documents: format, others: format, groups: format, databases: format },
    databases: false,
    duplicates: 'keep',
    repomdChecksum: 'sha256',
    revision: undefined,
    timestampToRevision: false,
    tags: [],
    names: 'unique',
    retention: {},
    readPkgsList: undefined,
    ignoreLock: false,
  }
}
