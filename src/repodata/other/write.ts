import { escapeAttribute, escapeText } from '../../xml/escape.ts'
import { recordStart } from '../elements.ts'
import type { Package } from '../package.ts'

/** The record of other for a package (createrepo_c, src/xml_dump_other.c 36-110). */
export function writeOther(pkg: Package): string {
  let text = recordStart(pkg)
  for (const { author, date, text: entry } of pkg.changelogs)
    text += `  <changelog author="${escapeAttribute(author)}" date="${date}">${escapeText(entry)}</changelog>\n`
  return `${text}</package>`
}
