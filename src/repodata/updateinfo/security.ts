import { attribute, scanElement } from '../../xml/scan.ts'
import { collectionsOf, fileName, masked } from './packages.ts'
import { updatesOf } from './updateinfo.ts'

/** What advisories name: NEVRAs, and names of files. */
export type Advised = { nevras: Set<string>; files: Set<string> }

/** The packages of all advisories of type security, which is what dnf's `--security` goes by. */
export async function advisedForSecurity(document: AsyncIterable<Buffer>): Promise<Advised> {
  const advised: Advised = { nevras: new Set(), files: new Set() }
  for await (const update of updatesOf(document)) {
    if (!isForSecurity(update)) continue
    for (const { packages } of collectionsOf(update))
      for (const { nevra, filename } of packages) {
        if (nevra !== undefined) advised.nevras.add(nevra)
        if (filename !== undefined) advised.files.add(fileName(filename))
      }
  }
  return advised
}

function isForSecurity(update: Buffer): boolean {
  let type: string | undefined
  scanElement(masked(update), (tag, depth) => {
    if (depth === 0) type = attribute(tag, 'type')
  })
  return type === 'security'
}
