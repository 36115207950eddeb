import { attribute, isNamed, type StartTag, scanElement, textAfter } from '../../xml/scan.ts'
import { masked } from './packages.ts'

/** What an `<update>` says of itself; texts that it does not have are empty. */
export type Advisory = {
  id: string
  /** `security`, `bugfix`, `enhancement`, `newpackage`. */
  type: string
  /** As the upstream writes it: `Important`, `critical`, `None`. */
  severity: string
  title: string
  /** The references of type cve, each once. */
  cves: string[]
}

/** Reads an `<update>` (createrepo_c, src/xml_parser_updateinfo.c). @throws E_XML */
export function readAdvisory(update: Buffer): Advisory {
  const found: Advisory = { id: '', type: '', severity: '', title: '', cves: [] }
  const cves = new Set<string>()
  scanElement(
    masked(update),
    (tag, depth) => {
      if (depth === 0) found.type = attribute(tag, 'type') ?? ''
      else if (depth === 1) readChild(tag, found)
      else if (isNamed(tag, 'reference') && attribute(tag, 'type') === 'cve') cves.add(cveOf(tag))
    },
    2,
  )
  return { ...found, cves: [...cves].filter((id) => id !== '') }
}

function readChild(tag: StartTag, found: Advisory): void {
  if (isNamed(tag, 'id')) found.id = textAfter(tag).trim()
  else if (isNamed(tag, 'title')) found.title = textAfter(tag).trim()
  else if (isNamed(tag, 'severity')) found.severity = textAfter(tag).trim()
}

/** Some name it only in the address. */
function cveOf(tag: StartTag): string {
  return attribute(tag, 'id') || (/CVE-\d{4}-\d+/.exec(attribute(tag, 'href') ?? '')?.[0] ?? '')
}
