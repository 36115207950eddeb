import { attribute, isNamed, type StartTag, scanElement, textAfter } from '../../xml/scan.ts'
import { numberOf } from '../fields.ts'
import { pkgidOf } from '../filelists/read.ts'
import type { Changelog, Package } from '../package.ts'

/** What other adds to primary's record of the same pkgid. */
export type OtherRecord = Pick<Package, 'pkgid' | 'changelogs'>

/**
 * Reads one `<package>` of other and checks it for well-formedness on the way.
 * @throws E_MISMATCH for a record without pkgid, E_XML for bytes that are not well-formed or a date that is no number
 */
export function readOther(record: Buffer): OtherRecord {
  const changelogs: Changelog[] = []
  let pkgid = ''
  scanElement(record, (tag, depth) => {
    if (depth === 0) pkgid = pkgidOf(tag)
    else if (isNamed(tag, 'changelog')) changelogs.push(changelogOf(tag))
  })
  return { pkgid, changelogs }
}

function changelogOf(tag: StartTag): Changelog {
  return { author: attribute(tag, 'author') ?? '', date: numberOf(tag, 'date'), text: textAfter(tag) }
}
