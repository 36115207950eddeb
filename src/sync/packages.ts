import type { Algorithm, Digest } from '../digest.ts'
import { algorithms } from '../digest.ts'
import type { PrimaryPackage } from '../repodata/primary.ts'

const texts = ['name', 'arch', 'epoch', 'version', 'release', 'href', 'base'] as const
type TextField = (typeof texts)[number]

const digestBytes = 64

/**
 * The packages of a plan, packed: texts in one arena of bytes, numbers in typed arrays. 70,000 packages take some
 * 15 MB here, and many times that as objects. Rows are numbered in the order of primary.
 */
export class PackageTable {
  length = 0
  #arena = Buffer.allocUnsafe(256 * 1024)
  #used = 0
  #ends = new Uint32Array(1024 * texts.length)
  #digests = Buffer.alloc(1024 * digestBytes)
  #algorithms = new Uint8Array(1024)
  #sizes = new Float64Array(1024)
  #fileTimes = new Float64Array(1024)
  #buildTimes = new Float64Array(1024)

  /** Adds a package; returns its row. */
  add(pkg: PrimaryPackage): number {
    const row = this.length++
    if (row === this.#sizes.length) this.#grow()
    for (let field = 0; field < texts.length; field++) {
      this.#write(pkg[texts[field] as TextField] ?? '')
      this.#ends[row * texts.length + field] = this.#used
    }
    this.#digests.write(pkg.checksum.hex, row * digestBytes, 'hex')
    this.#algorithms[row] = algorithms.indexOf(pkg.checksum.algorithm)
    this.#sizes[row] = pkg.size
    this.#fileTimes[row] = pkg.fileTime
    this.#buildTimes[row] = pkg.buildTime
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
    const algorithm = algorithms[this.#algorithms[row] as number] as Algorithm
    return { algorithm, hex: this.pkgid(row) }
  }

  /** The digest's hex text, which filelists and other name the package by. */
  pkgid(row: number): string {
    const start = row * digestBytes
    return this.#digests.toString('hex', start, start + lengths[this.#algorithms[row] as number]!)
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

  #text(row: number, field: number): string {
    const at = row * texts.length + field
    const start = at === 0 ? 0 : (this.#ends[at - 1] as number)
    return this.#arena.toString('utf8', start, this.#ends[at])
  }

  #write(text: string): void {
    const most = text.length * 3
    if (this.#used + most > this.#arena.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#arena.length * 2, this.#used + most))
      this.#arena.copy(larger, 0, 0, this.#used)
      this.#arena = larger
    }
    this.#used += this.#arena.write(text, this.#used)
  }

  #grow(): void {
    const rows = this.#sizes.length * 2
    const digests = Buffer.alloc(rows * digestBytes)
    this.#digests.copy(digests)
    this.#digests = digests
    this.#ends = enlarged(this.#ends, rows * texts.length)
    this.#algorithms = enlarged(this.#algorithms, rows)
    this.#sizes = enlarged(this.#sizes, rows)
    this.#fileTimes = enlarged(this.#fileTimes, rows)
    this.#buildTimes = enlarged(this.#buildTimes, rows)
  }
}

/** Bytes of a digest by the algorithm's place in the list. */
const lengths = [16, 20, 28, 32, 48, 64]

function enlarged<T extends Uint8Array | Uint32Array | Float64Array>(array: T, length: number): T {
  const larger = new (array.constructor as new (length: number) => T)(length)
  larger.set(array)
  return larger
}
