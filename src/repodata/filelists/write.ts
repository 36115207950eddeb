import { escapeAttribute, escapeText } from '../../xml/escape.ts'
import { fileElement, recordStart } from '../elements.ts'
import type { Package } from '../package.ts'

/** The record of filelists for a package (createrepo_c, src/xml_dump_filelists.c 34-78). */
export function writeFilelists(pkg: Package): string {
  let text = recordStart(pkg)
  for (const file of pkg.files) text += `  ${fileElement(file)}\n`
  return `${text}</package>`
}

/** The record of filelists-ext: the same with the digest of each file, and their algorithm before them. */
export function writeFilelistsExt(pkg: Package, algorithm: string): string {
  let text = `${recordStart(pkg)}  <checksum type="${algorithm}"/>\n`
  for (const { path, type, digest } of pkg.files) {
    const typed = type === 'file' ? '' : ` type="${type}"`
    const hashed = digest === undefined ? '' : ` hash="${escapeAttribute(digest)}"`
    text += `  <file${typed}${hashed}>${escapeText(path)}</file>\n`
  }
  return `${text}</package>`
}
