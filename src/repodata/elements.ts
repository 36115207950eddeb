import { escapeAttribute, escapeText } from '../xml/escape.ts'
import type { Package, PackageFile } from './package.ts'

/** Epoch, version and release, as all three records have them. */
export function versionElement({ epoch, version, release }: Pick<Package, 'epoch' | 'version' | 'release'>): string {
  return `<version epoch="${escapeAttribute(epoch)}" ver="${escapeAttribute(version)}" rel="${escapeAttribute(release)}"/>`
}

/** A file, in primary and filelists; a plain one has no type (createrepo_c, src/xml_dump.c 174-232). */
export function fileElement({ path, type }: PackageFile): string {
  return type === 'file' ? `<file>${escapeText(path)}</file>` : `<file type="${type}">${escapeText(path)}</file>`
}

/** The start tag of a record of filelists or other, and the version that follows it. */
export function recordStart(pkg: Pick<Package, 'pkgid' | 'name' | 'arch' | 'epoch' | 'version' | 'release'>): string {
  const { pkgid, name, arch } = pkg
  return `<package pkgid="${pkgid}" name="${escapeAttribute(name)}" arch="${escapeAttribute(arch)}">\n  ${versionElement(pkg)}\n`
}
