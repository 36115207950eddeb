import type { Algorithm, Digest } from '../digest.ts'
import { algorithms } from '../digest.ts'
import type { PrimaryPackage } from '../repodata/primary/select.ts'

/** The parts of a package that are bytes in the arena, in the order in which they stand there. */
const parts = ['name', 'arch', 'epoch', 'version', 'release', 'href', 'base', 'digest'] as const
const digestPart = parts.indexOf('digest')

/** The arena grows by slabs of this size, which are never copied; a package's bytes are in one slab. */
const slabBytes = 1024 * 1024

/** The nearest time that a column holds: from 1970 to 2106. */
function within(time: number): number {
  return Math.min(Math.max(time, 0), 0xffffffff)
}

/**
 * The packages of a plan, packed: texts and digests in an arena of bytes, numbers in typed arrays. 70,000 packages
 * take some 20 MB here, and many times that as objects. Rows are numbered in the order of primary.
 */
export class PackageTable {
  length = 0
  readonly #slabs: Buffer[] = []
  #used = slabBytes
  #slab = new Uint16Array(1024)
  /** Where each part ends in its slab; the first one's start stands before them. */
  #ends = new Uint32Array(1024 * (parts.length + 1))
  #algorithms = new Uint8Array(1024)
  #sizes = new Float64Array(1024)
  #fileTimes = new Uint32Array(1024)
  #buildTimes = new Uint32Array(1024)

  /** Adds a package; returns its row. */
  add(pkg: PrimaryPackage): number {
    const row = this.length++
    if (row === this.#sizes.length) this.#grow()
    const { name, arch, epoch, version, release, href, base = '', checksum } = pkg
    const texts = [name, arch, epoch, version, release, href, base]
    const slab = this.#roomFor(texts.reduce((most, text) => most + text.length * 3, checksum.hex.length))
    let at = row * (parts.length + 1)
    this.#slab[row] = this.#slabs.length - 1
    this.#ends[at++] = this.#used
    for (const text of texts) {
      this.#used += slab.write(text, this.#used)
      this.#ends[at++] = this.#used
    }
    this.#used += slab.write(checksum.hex, this.#used, 'hex')
    this.#ends[at] = this.#used
    this.#algorithms[row] = algorithms.indexOf(checksum.algorithm)
    this.#sizes[row] = pkg.size
    this.#fileTimes[row] = within(pkg.fileTime)
    this.#buildTimes[row] = within(pkg.buildTime)
    return row
  }

  name(row: number): string {
    return this.#text(row, 0)
  }

  arch(row: number): string {
    return this.#text(row, 1)
  }

  epoch(row: number): string {
    return this.#text(row, 2)
  }

  version(row: number): string {
    return this.#text(row, 3)
  }

  release(row: number): string {
    return this.#text(row, 4)
  }

  /** The location as the metadata writes it, relative to `base` or to the repository. */
  href(row: number): string {
    return this.#text(row, 5)
  }

  /** The location's xml:base, or undefined. */
  base(row: number): string | undefined {
    return this.#text(row, 6) || undefined
  }

  /** The file's size in bytes. */
  size(row: number): number {
    return this.#sizes[row] as number
  }

  /** Seconds since the epoch: the modification time that the upstream's file had. */
  fileTime(row: number): number {
    return this.#fileTimes[row] as number
  }

  /** Seconds since the epoch. */
  buildTime(row: number): number {
    return this.#buildTimes[row] as number
  }

  /** The digest that the upstream's metadata names the file by. */
  checksum(row: number): Digest {
    return { algorithm: algorithms[this.#algorithms[row] as number] as Algorithm, hex: this.pkgid(row) }
  }

  /** The digest's hex text, which filelists and other name the package by. */
  pkgid(row: number): string {
    return this.#text(row, digestPart, 'hex')
  }

  /** The package as an object, for where there are few. */
  package(row: number): PrimaryPackage {
    return {
      name: this.name(row),
      arch: this.arch(row),
      epoch: this.epoch(row),
      version: this.version(row),
      release: this.release(row),
      href: this.href(row),
      base: this.base(row),
      checksum: this.checksum(row),
      size: this.size(row),
      fileTime: this.fileTime(row),
      buildTime: this.buildTime(row),
    }
  }

  /** `name-version-release.arch`, with the epoch where it is not 0. */
  nevra(row: number): string {
    const epoch = this.epoch(row)
    const evr = `${epoch === '0' ? '' : `${epoch}:`}${this.version(row)}-${this.release(row)}`
    return `${this.name(row)}-${evr}.${this.arch(row)}`
  }

  #text(row: number, part: number, encoding: 'utf8' | 'hex' = 'utf8'): string {
    const at = row * (parts.length + 1) + part
    const slab = this.#slabs[this.#slab[row] as number] as Buffer
    return slab.toString(encoding, this.#ends[at], this.#ends[at + 1])
  }

  #roomFor(bytes: number): Buffer {
    if (this.#used + bytes > slabBytes) {
      this.#slabs.push(Buffer.allocUnsafeSlow(Math.max(slabBytes, bytes)))
      this.#used = 0
    }
    return this.#slabs.at(-1) as Buffer
  }

  #grow(): void {
    const rows = this.#sizes.length * 2
    this.#slab = enlarged(this.#slab, rows)
    this.#ends = enlarged(this.#ends, rows * (parts.length + 1))
    this.#algorithms = enlarged(this.#algorithms, rows)
    this.#sizes = enlarged(this.#sizes, rows)
    this.#fileTimes = enlarged(this.#fileTimes, rows)
    this.#buildTimes = enlarged(this.#buildTimes, rows)
  }
}

type Column = Uint8Array | Uint16Array | Uint32Array | Float64Array

function enlarged<T extends Column>(array: T, length: number): T {
  const larger = new (array.constructor as new (length: number) => T)(length)
  larger.set(array)
  return larger
}
