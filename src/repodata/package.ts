import type { Algorithm } from '../digest.ts'

/**
 * Everything that primary, filelists and other tell of one package, in the order in which they tell it (createrepo_c,
 * src/xml_dump_primary.c). Texts are as they read, without XML's escapes; sizes are bytes, times seconds since the epoch.
 * Texts that the package does not have are undefined; createrepo_c writes them as empty elements.
 */
export type Package = {
  /** The digest of the whole file as hex, which ties the three records to one another. */
  pkgid: string
  checksumType: Algorithm
  name: string
  arch: string
  /** '0' where the package has none. */
  epoch: string
  version: string
  release: string
  summary: string | undefined
  description: string | undefined
  packager: string | undefined
  url: string | undefined
  fileTime: number
  buildTime: number
  packageSize: number
  installedSize: number
  archiveSize: number
  href: string
  /** xml:base: what the href is relative to instead of the repository. */
  base: string | undefined
  license: string | undefined
  vendor: string | undefined
  group: string | undefined
  buildHost: string | undefined
  sourceRpm: string | undefined
  /** Offsets in the file: where the main header begins, and the first byte behind it. */
  headerStart: number
  headerEnd: number
  dependencies: Record<DependencyKind, Dependency[]>
  files: PackageFile[]
  /** Oldest first. */
  changelogs: Changelog[]
}

/** In the order in which primary lists them. */
export const dependencyKinds = [
  'provides',
  'requires',
  'conflicts',
  'obsoletes',
  'suggests',
  'enhances',
  'recommends',
  'supplements',
] as const
export type DependencyKind = (typeof dependencyKinds)[number]

/** A capability; without flags it has no version. A rich dependency is its name, verbatim. */
export type Dependency = {
  name: string
  flags: 'LT' | 'GT' | 'EQ' | 'LE' | 'GE' | undefined
  epoch: string | undefined
  version: string | undefined
  release: string | undefined
  /** Only of requires: wanted before the package is installed. */
  pre: boolean
}

/** The path is whole and absolute, but for files of source packages. `digest` is hex, known only where it was asked for. */
export type PackageFile = { path: string; type: 'file' | 'dir' | 'ghost'; digest: string | undefined }

export type Changelog = { author: string; date: number; text: string }

/**
 * Whether a file stands in primary too, where most clients look for files that packages require
 * (createrepo_c, src/misc.h 111-120: `bin/` counts wherever in the path it stands).
 */
export function isPrimaryFile(path: string): boolean {
  return path.startsWith('/etc/') || path.includes('bin/') || path === '/usr/lib/sendmail'
}
