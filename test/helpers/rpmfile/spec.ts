import type { Entry, Text } from './entry.ts'
import type { HeaderFaults } from './header.ts'
import type { dependencyTags } from './tags.ts'

/** Name, flags (`sense`) and version of a dependency; a plain text is a name without a version. */
export type Dependency = Text | [name: Text, flags: number, version: Text]

export interface FileSpec {
  /** The whole path; what follows the last slash is the basename. */
  path: Text
  mode?: number
  flags?: number
  digest?: Text
  size?: number
}

/** A package; what is left out gets a plain value, or none where rpm needs none. */
export interface RpmSpec extends Partial<Record<keyof typeof dependencyTags, Dependency[]>> {
  name: Text
  version?: Text
  release?: Text
  epoch?: number
  arch?: Text
  /** Default 4. 3: no region, old file names, MD5 only. 6: no SHA1, MD5 or sizes, but SHA3-256 and payload digests. */
  format?: 3 | 4 | 6
  source?: boolean
  summary?: Text
  description?: Text
  vendor?: Text
  license?: Text
  packager?: Text
  group?: Text
  url?: Text
  buildHost?: Text
  sourceRpm?: Text
  buildTime?: number
  /** Installed size; from 4 GiB on it is written as LONGSIZE. */
  size?: number
  /** Size of the archive; from 4 GiB on it is written as LONGARCHIVESIZE. */
  archiveSize?: number
  files?: FileSpec[]
  /** OLDFILENAMES in place of BASENAMES, DIRNAMES and DIRINDEXES. */
  oldFileNames?: boolean
  /** FILEDIGESTALGO (rpm, include/rpm/rpmcrypto.h); default 8, SHA-256, from format 4 on. */
  fileDigestAlgorithm?: number
  /** Newest first, as rpm has them. */
  changelog?: [time: number, author: Text, text: Text][]
  /** Tags of the main header that are left out. */
  without?: number[]
  /** Entries of the main header on top of those, or in place of those of the same tag. */
  entries?: Entry[]
  payload?: Buffer
  faults?: RpmFaults
}

/** What is to be wrong with a package. */
export interface RpmFaults {
  /** Changes the 96 bytes of the lead. */
  lead?: (lead: Buffer) => void
  main?: HeaderFaults
  signature?: HeaderFaults
  /** Tags of the signature header that are left out. */
  withoutSignature?: number[]
  /** Entries of the signature header on top of those, or in place of those of the same tag. */
  signatureEntries?: Entry[]
  /** Bytes that are flipped, as offsets into the finished main header. */
  flip?: number[]
}
