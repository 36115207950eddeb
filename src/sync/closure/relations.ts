import { capabilitiesReader } from '../../repodata/primary/capabilities.ts'
import type { Capability } from '../../rpm/capability.ts'
import { richTerms, type Term } from '../../rpm/rich.ts'
import { namedBatches, openDocument, type SourceDocument } from '../source.ts'

/** Who provides what: a row and the versions in which it does. */
export type Provider = { row: number; capability: Capability }

/** What the packages of a repository want of each other. */
export type Relations = {
  /** By the capability's name, or a file's path. */
  providers: Map<string, Provider[]>
  /** What each row asks for; each of its dependencies by the terms that it may come to. */
  wants: Term[][][]
}

/** Reads them of the rows of primary that count. `weak` takes what is recommended for required. */
export async function readRelations(primary: SourceDocument, rows: Uint32Array, weak: boolean): Promise<Relations> {
  const relations: Relations = { providers: new Map(), wants: [] }
  const counting = new Set(rows)
  const read = capabilitiesReader()
  const terms = termsReader()
  const { batches } = await openDocument('primary', primary)
  let row = 0
  for await (const batch of namedBatches('primary', batches))
    for (const record of batch) {
      if (counting.has(row)) {
        const { provides, files, requires, recommends } = read(record)
        for (const capability of provides) provide(relations, row, capability)
        for (const path of files) provide(relations, row, fileCapability(path))
        relations.wants[row] = [...requires, ...(weak ? recommends : [])].filter(isOfPackages).map(terms)
      }
      row++
    }
  return relations
}

/** Makes known that a row provides a capability. */
export function provide({ providers }: Relations, row: number, capability: Capability): void {
  const provider = { row, capability }
  const others = providers.get(capability.name)
  if (others === undefined) providers.set(capability.name, [provider])
  else others.push(provider)
}

/** A file as what a package provides. */
export function fileCapability(name: string): Capability {
  return { name, flags: undefined, epoch: undefined, version: undefined, release: undefined }
}

/** rpm itself is what provides these. */
function isOfPackages({ name }: Capability): boolean {
  return !name.startsWith('rpmlib(')
}

/** The terms of one capability are the same objects each time. */
function termsReader(): (required: Capability) => Term[] {
  const known = new Map<Capability, Term[]>()
  return (required) => {
    const terms = known.get(required) ?? (required.name.startsWith('(') ? richTerms(required.name) : [[required]])
    known.set(required, terms)
    return terms
  }
}
