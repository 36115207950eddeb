import type { DocumentKind } from '../xml/head.ts'

/** The three documents that describe every package, in the order that repomd.xml lists them. */
export const documents = ['primary', 'filelists', 'other'] as const
export type DocumentName = (typeof documents)[number]

const duke = 'http://linux.duke.edu/metadata'

/** Root elements and namespaces: createrepo_c, src/xml_file.c lines 36-57. */
export const kinds: Record<DocumentName | 'filelists-ext', DocumentKind> = {
  primary: { root: 'metadata', namespaces: { '': `${duke}/common`, rpm: `${duke}/rpm` } },
  filelists: { root: 'filelists', namespaces: { '': `${duke}/filelists` } },
  other: { root: 'otherdata', namespaces: { '': `${duke}/other` } },
  'filelists-ext': { root: 'filelists-ext', namespaces: { '': `${duke}/filelists-ext` } },
}

/** What stands before the first record; createrepo_c writes the same bytes. */
export function header(name: keyof typeof kinds, packages: number): string {
  const { root, namespaces } = kinds[name]
  const declared = Object.entries(namespaces).map(([prefix, uri]) => ` xmlns${prefix && ':'}${prefix}="${uri}"`)
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}${declared.join('')} packages="${packages}">\n`
}

/** What stands behind the last record. */
export function footer(name: keyof typeof kinds): string {
  return `</${kinds[name].root}>`
}
