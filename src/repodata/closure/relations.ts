import { type Capability, satisfies } from '../../rpm/capability.ts'
import { richTerms, type Term, termOf } from '../../rpm/rich.ts'
import { capabilitiesReader } from '../primary/capabilities.ts'

/** Who provides what: a package by its number, and the versions in which it does. */
export type Provider = { row: number; capability: Capability }

/** What a package asks for, and the terms that it may come to. */
export type Requirement = { capability: Capability; terms: readonly Term[] }

/** What packages want of each other; they are numbered by whoever gathers this. */
export type Relations = {
  /** By the capability's name, or a file's path. */
  providers: Map<string, Provider[]>
  /** What each package asks for. Equal requirements are the same object. */
  wants: Requirement[][]
}

/** Which side of a package counts. */
export type Sides = { provides: boolean; requires: boolean }

/** Gathers relations of records of primary. `weak` takes what is recommended for required. */
export function gatherRelations(weak: boolean) {
  const relations: Relations = { providers: new Map(), wants: [] }
  const read = capabilitiesReader()
  const required = requirementReader()

  return {
    relations,

    /** Makes known what a package provides, what it asks for, or both. @throws E_XML */
    add(row: number, record: Buffer, sides: Sides): void {
      const { provides, files, requires, recommends } = read(record)
      if (sides.provides) {
        for (const capability of provides) provide(relations, row, capability)
        for (const path of files) provide(relations, row, fileCapability(path))
      }
      if (sides.requires)
        relations.wants[row] = [...requires, ...(weak ? recommends : [])].filter(isOfPackages).map(required)
    },
  }
}

/** Makes known that a package provides a capability. */
export function provide({ providers }: Pick<Relations, 'providers'>, row: number, capability: Capability): void {
  const provider = { row, capability }
  const others = providers.get(capability.name)
  if (others === undefined) providers.set(capability.name, [provider])
  else others.push(provider)
}

/** A file as what a package provides. */
export function fileCapability(name: string): Capability {
  return { name, flags: undefined, epoch: undefined, version: undefined, release: undefined }
}

/** The packages that provide all of a term, and none of what it excludes. */
export function providersOf(
  { all: [first, ...others], none }: Term,
  relations: Pick<Relations, 'providers'>,
): number[] {
  const able = (required: Capability | undefined) =>
    (required === undefined ? [] : (relations.providers.get(required.name) ?? []))
      .filter(({ capability }) => satisfies(capability, required as Capability))
      .map(({ row }) => row)
  const providing = others.reduce((rows, required) => {
    const also = new Set(able(required))
    return rows.filter((row) => also.has(row))
  }, able(first))
  const excluded = new Set(none.flatMap((term) => providersOf(term, relations)))
  return excluded.size === 0 ? providing : providing.filter((row) => !excluded.has(row))
}

/** rpm itself is what provides these. */
function isOfPackages({ name }: Capability): boolean {
  return !name.startsWith('rpmlib(')
}

/** The requirement of one capability is the same object each time. */
function requirementReader(): (capability: Capability) => Requirement {
  const known = new Map<Capability, Requirement>()
  return (capability) => {
    const again = known.get(capability)
    if (again !== undefined) return again
    const terms = capability.name.startsWith('(') ? richTerms(capability.name) : [termOf(capability)]
    const requirement = { capability, terms }
    known.set(capability, requirement)
    return requirement
  }
}
