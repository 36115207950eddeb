import { compareVersions, formatEvr } from './evr.ts'

/** A capability that a package provides or requires; without flags it is of every version. */
export type Capability = {
  name: string
  flags: 'LT' | 'GT' | 'EQ' | 'LE' | 'GE' | undefined
  epoch: string | undefined
  version: string | undefined
  release: string | undefined
}

/**
 * Whether what is provided can be what is required, names apart (rpm, lib/rpmds.c, `rpmdsCompare`): two ranges of
 * versions that overlap. What one of the two does not say of epoch or release counts as 0, or as any.
 */
export function satisfies(provided: Capability, required: Capability): boolean {
  if (provided.flags === undefined || required.flags === undefined) return true
  const order = compareStated(provided, required)
  if (order === 0) return sense(provided).some((one) => sense(required).includes(one))
  return order < 0 ? canBeGreater(provided) || canBeLess(required) : canBeLess(provided) || canBeGreater(required)
}

function compareStated(a: Capability, b: Capability): number {
  const order = compareVersions(a.epoch ?? '0', b.epoch ?? '0') || compareVersions(a.version ?? '', b.version ?? '')
  return order || (a.release && b.release ? compareVersions(a.release, b.release) : 0)
}

const senses = { LT: ['<'], GT: ['>'], EQ: ['='], LE: ['<', '='], GE: ['>', '='] } as const

function sense({ flags }: Capability): readonly string[] {
  return flags === undefined ? [] : senses[flags]
}

function canBeLess(capability: Capability): boolean {
  return sense(capability).includes('<')
}

function canBeGreater(capability: Capability): boolean {
  return sense(capability).includes('>')
}

const signs = { LT: '<', GT: '>', EQ: '=', LE: '<=', GE: '>=' } as const

/** Writes it as spec files have it: `name >= epoch:version-release`; a rich dependency as it stands. */
export function formatCapability({ name, flags, epoch, version = '', release = '' }: Capability): string {
  return flags === undefined ? name : `${name} ${signs[flags]} ${formatEvr({ epoch: epoch ?? '0', version, release })}`
}
