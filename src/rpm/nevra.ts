import { formatEvr } from './evr.ts'

/** Name, epoch, version, release and arch: what tells packages apart. A missing epoch is `'0'`. */
export type Nevra = {
  readonly name: string
  readonly epoch: string
  readonly version: string
  readonly release: string
  readonly arch: string
}

/** Writes `name-[epoch:]version-release.arch` as dnf shows it: an epoch of 0 is left out. */
export function formatNevra(nevra: Nevra): string {
  return `${nevra.name}-${formatEvr(nevra)}.${nevra.arch}`
}

/**
 * Reads `name-[epoch:]version-release.arch`, with or without `.rpm` behind it, so file names too. The last dot starts the arch, the
 * last two dashes the version and the release; undefined when a part is missing or holds what libdnf's grammar forbids.
 */
export function parseNevra(text: string): Nevra | undefined {
  const label = text.endsWith('.rpm') ? text.slice(0, -4) : text
  const dot = label.lastIndexOf('.')
  const releaseDash = label.lastIndexOf('-')
  const versionDash = label.lastIndexOf('-', releaseDash - 1)
  if (versionDash < 0 || dot < releaseDash) return undefined
  const [epoch, version] = splitEpoch(label.slice(versionDash + 1, releaseDash))
  const name = label.slice(0, versionDash)
  const release = label.slice(releaseDash + 1, dot)
  const arch = label.slice(dot + 1)
  return [name, epoch, version, release, arch].every(isPart) ? { name, epoch, version, release, arch } : undefined
}

function splitEpoch(text: string): [epoch: string, version: string] {
  const epoch = /^[0-9]+(?=:)/.exec(text)?.[0]
  return epoch === undefined ? ['0', text] : [epoch, text.slice(epoch.length + 1)]
}

/** libdnf's characters of a part (`libdnf/nevra.cpp`); dots and dashes are dealt with by where they stand. */
function isPart(text: string): boolean {
  return /^[^:(/=<> ]+$/.test(text)
}
