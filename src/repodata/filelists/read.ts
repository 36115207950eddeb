import { MirrorError } from '../../errors.ts'
import { attribute, isNamed, type StartTag, scanElement, textAfter } from '../../xml/scan.ts'
import type { Package, PackageFile } from '../package.ts'

/** What filelists and filelists-ext add to primary's record of the same pkgid. */
export type FilelistsRecord = Pick<Package, 'pkgid' | 'files'>

/**
 * Reads one `<package>` of filelists or filelists-ext and checks it for well-formedness on the way.
 * @throws E_MISMATCH for a record without pkgid, E_XML for bytes that are not well-formed
 */
export function readFilelists(record: Buffer): FilelistsRecord {
  const files: PackageFile[] = []
  let pkgid = ''
  scanElement(record, (tag, depth) => {
    if (depth === 0) pkgid = pkgidOf(tag)
    else if (isNamed(tag, 'file')) files.push(fileOf(tag))
  })
  return { pkgid, files }
}

/** The attribute that ties a record of filelists or other to primary's, in lower case. @throws E_MISMATCH */
export function pkgidOf(tag: StartTag): string {
  const pkgid = attribute(tag, 'pkgid')
  if (!pkgid) throw new MirrorError('E_MISMATCH', 'a record of filelists or other has no pkgid')
  return pkgid.toLowerCase()
}

/** A `<file>` of any of the documents; a type that createrepo_c does not write is a file, as it reads there too. */
export function fileOf(tag: StartTag): PackageFile {
  const path = textAfter(tag)
  // Most files have no attribute at all.
  if (tag.end === tag.nameEnd + 1) return { path, type: 'file', digest: undefined }
  const type = attribute(tag, 'type')
  return { path, type: type === 'dir' || type === 'ghost' ? type : 'file', digest: attribute(tag, 'hash') }
}
