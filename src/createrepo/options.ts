import type { Algorithm } from '../digest.ts'
import type { Retention } from '../publish/retention.ts'
import type { WrittenFormat } from '../repodata/compression.ts'
import type { Tag } from '../repodata/repomd.ts'

/** Which files below the directory are packages of the repository. */
export type Choice = {
  /** Globs of `*` and `?`, over a file's name and its path below the directory. */
  excludes: string[]
  /** Paths below the directory; undefined: whatever is found there. */
  pkglist: string[] | undefined
  skipSymlinks: boolean
}

/** What hrefs are made of: a package's path, less its first directories, behind a prefix; and what they are relative to. */
export type Locating = { cutDirs: number; prefix: string | undefined; base: string | undefined }

/** What is told of each package. */
export type Reading = {
  checksum: Algorithm
  /** Negative for all. */
  changelogLimit: number
  filelistsExt: boolean
}

/** How records of earlier metadata are used for files that are unchanged. */
export type Updating = {
  /** Folders, each with a repodata/, besides the output's own. */
  mdPaths: string[]
  /** A file of the same path is taken for unchanged. */
  skipStat: boolean
  /** The packages are those that the earlier metadata lists. */
  recyclePkglist: boolean
  keepAdditional: boolean
}

/** An order to make a repository of a directory, with createrepo_c's options. Folders and files are absolute paths. */
export type CreaterepoOptions = {
  directory: string
  output: string
  choice: Choice
  locating: Locating
  reading: Reading
  update: Updating | undefined
  workers: number
  groupFile: string | undefined
  /** Further files to name in repomd.xml, each a record of its type. */
  attached?: { type: string; file: string }[]
  formats: { documents: WrittenFormat; others: WrittenFormat; groups: WrittenFormat; databases: WrittenFormat }
  databases: boolean
  duplicates: 'keep' | 'keep-last'
  repomdChecksum: Algorithm
  /** The current time where it is undefined. */
  revision: string | undefined
  timestampToRevision: boolean
  tags: Tag[]
  names: 'unique' | 'simple'
  retention: Retention
  /** Where the paths of the packages that were read are written, one a line. */
  readPkgsList: string | undefined
  ignoreLock: boolean
}

/** What was seen of files: which are not as they were when they were read last, and which of those are being written. */
export type Seen = { changed: ReadonlySet<string>; moving: ReadonlySet<string> }

/** What the run may use besides its options. */
export type Surroundings = {
  /** The file that reading threads run. */
  program: string
  /** Told of every line that a person should read: what is left out, what is put right. */
  warn: (line: string) => void
  signal: AbortSignal
  /** Looks at what was found before anything is read; what is still being written is left for a later run. */
  look?: (files: readonly string[]) => Promise<Seen>
}

/** What a run did: packages in the metadata, how many of them were read and how many files were left out. */
export type Created = { packages: number; read: number; leftOut: number; changed: boolean }
