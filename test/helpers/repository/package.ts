import { createHash } from 'node:crypto'

/** A package of a synthetic repository; only the name is needed. */
export interface PackageSpec {
  name: string
  /** Default 0. */
  epoch?: string
  /** Default 1.0. */
  version?: string
  /** Default 1. */
  release?: string
  /** Default x86_64; `src` for a source package. */
  arch?: string
  /** Default `Packages/<first letter>/<name-version-release.arch>.rpm`. */
  href?: string
  /** Bytes of the body (default 700). */
  size?: number
  /** The file itself, in place of pseudo-random bytes. */
  body?: Buffer
  /** Seconds since 1970 (default 1700000000), also the file's mtime. */
  buildTime?: number
  /** Default `/usr/bin/<name>`; a name that ends with a slash is a folder. */
  files?: string[]
  /** Capabilities as spec files have them; a package provides itself anyway. */
  requires?: string[]
  provides?: string[]
  recommends?: string[]
  summary?: string
  description?: string
  /** As repositories name it: sha256 (default), sha, sha512, md5... */
  checksumType?: string
  /** xml:base of the location. The file is then elsewhere and not written, unless the base is relative. */
  xmlBase?: string
  /** What primary says in place of the truth. */
  fake?: { size?: number; checksum?: string; href?: string }
}

/** A package with everything decided; `stated` is what the metadata says. */
export interface Package extends Required<Omit<PackageSpec, 'size' | 'xmlBase' | 'fake'>> {
  xmlBase: string | undefined
  stated: { size: number; checksum: string; href: string }
  isElsewhere: boolean
}

/** `name-version-release.arch.rpm`, the file's name unless an href is given. */
export function packageFile({ name, version = '1.0', release = '1', arch = 'x86_64' }: PackageSpec): string {
  return `${name}-${version}-${release}.${arch}.rpm`
}

/** Fills in the defaults. */
export function resolvePackage(spec: PackageSpec): Package {
  const { name, xmlBase, fake, size = 700, checksumType = 'sha256' } = spec
  const href = spec.href ?? `Packages/${name.slice(0, 1).toLowerCase()}/${packageFile(spec)}`
  const body = spec.body ?? pseudoRandom(`${packageFile(spec)} ${spec.epoch ?? '0'} ${spec.buildTime ?? ''}`, size)
  return {
    ...defaults(name),
    ...spec,
    href: xmlBase === undefined ? href : `${xmlBase.replace(/\/+$/, '')}/${href}`,
    body,
    checksumType,
    xmlBase,
    stated: { size: body.length, checksum: hash(checksumType, body), href, ...fake },
    isElsewhere: xmlBase?.includes('://') ?? false,
  }
}

function defaults(name: string) {
  return {
    epoch: '0',
    version: '1.0',
    release: '1',
    arch: 'x86_64',
    buildTime: 1_700_000_000,
    files: [`/usr/bin/${name}`],
    requires: [],
    provides: [],
    recommends: [],
    summary: `The ${name} package`,
    description: `What ${name} does, with <marks> & "quotes".\nIts own </package> is no end.`,
  }
}

/** Bytes that look random, cannot be compressed, and are the same for the same seed. */
function pseudoRandom(seed: string, size: number): Buffer {
  return createHash('shake256', { outputLength: size }).update(seed).digest()
}

function hash(type: string, bytes: Buffer): string {
  return createHash(type === 'sha' ? 'sha1' : type)
    .update(bytes)
    .digest('hex')
}
