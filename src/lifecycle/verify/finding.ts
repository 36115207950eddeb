/**
 * What a verification may find, of which the first are problems, that clients meet or a later publication would:
 * bytes that are not what they were, another size, a file that is not there or cannot be read, a link or a folder in its
 * place, a file or directory that not everybody may read, or more than its owner may write. The others are notes: what no
 * retained generation names, an inode of its own with the right content, and content that was withdrawn and that only
 * generations before the current one name.
 */
export const findingKinds = {
  rot: 'problem',
  size: 'problem',
  missing: 'problem',
  unreadable: 'problem',
  link: 'problem',
  mode: 'problem',
  foreign: 'note',
  copy: 'note',
  withdrawn: 'note',
} as const

export type FindingKind = keyof typeof findingKinds

/** One thing that is not as the database says. */
export type Finding = {
  kind: FindingKind
  /** The file or directory, absolute. */
  path: string
  /** What is expected and what was found, or why it is as it is. */
  detail: string
  /** The content that should be there, as sha256; undefined for what nothing names. */
  sha256: string | undefined
  /** The publish path of the repository that it is in; undefined in the pool. */
  repo: string | undefined
  /** Whether it is the pool's own file, which all its published names are links to. */
  isPooled: boolean
  /** How many published names show it; a pool file alone has none. */
  names: number
}

export function isProblem({ kind }: Pick<Finding, 'kind'>): boolean {
  return findingKinds[kind] === 'problem'
}

/** Findings and counts of a verification. */
export type Findings = {
  found: Finding[]
  /** Published names that were looked at. */
  names: number
  /** Files that were read, each inode once, and their bytes. */
  files: number
  bytes: number
}
