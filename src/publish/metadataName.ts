import type { Digest } from '../digest.ts'
import { MirrorError } from '../errors.ts'

/** Hex digits of each algorithm's digests: what createrepo_c (src/repomd.c 603-628) takes for a checksum in a name. */
const checksum = /^([0-9a-f]{128}|[0-9a-f]{96}|[0-9a-f]{64}|[0-9a-f]{56}|[0-9a-f]{40}|[0-9a-f]{32})-/

/** `primary.xml.gz` for `<checksum>-primary.xml.gz`. */
export function plainName(name: string): string {
  return name.replace(checksum, '')
}

/** The checksum that a name begins with, as hex. */
export function checksumInName(name: string): string | undefined {
  return checksum.exec(name)?.[1]
}

/** `<checksum>-primary.xml.gz`, in place of another checksum in the name. */
export function uniqueName({ hex }: Digest, name: string): string {
  return `${hex}-${plainName(name)}`
}

/** What a file is a copy of, whatever its checksum and compression: `primary.xml`, `updateinfo.xml`. */
export function kindOf(name: string): string {
  return plainName(name).replace(/\.(?:gz|xz|bz2|zst|zck|lzma)$/, '')
}

/** @throws E_PATH for a name that cannot stand in repodata beside repomd.xml. */
export function checkName(name: string): string {
  if (/^[^./\0][^/\0]*$/.test(name) && !name.startsWith('repomd.xml')) return name
  throw new MirrorError('E_PATH', `${JSON.stringify(name)} cannot be the name of a metadata file; rename it`)
}
