import type { PartWatcher } from '../../store/part.ts'
import type { PackageCheck } from './packageCheck.ts'

/** `gpgcheck: yes` of a repository: what its packages are held against, and which of them were. */
export type Gpgcheck = {
  /** For the package that the metadata calls so. */
  of(nevra: string): PackageGpgcheck
  /** Writes down what has passed. */
  write(): void
}

/** What one package is held against. */
export type PackageGpgcheck = {
  /** Whether the content has passed before as this package, with the same keys and on the same terms. */
  isChecked(sha256: string): boolean
  begin(): PackageCheck
  passed(sha256: string): void
}

/** The check of one file that may begin again, as a part does whose download begins again. */
export class Checking implements PartWatcher {
  readonly #gpgcheck: PackageGpgcheck
  #check: PackageCheck

  constructor(gpgcheck: PackageGpgcheck) {
    this.#gpgcheck = gpgcheck
    this.#check = gpgcheck.begin()
  }

  restart(): void {
    this.#check = this.#gpgcheck.begin()
  }

  update(bytes: Buffer): void {
    this.#check.update(bytes)
  }

  /** Ends the file, which is the content, and remembers that it is signed. @throws as PackageCheck.finish does */
  finish(sha256: string): void {
    this.#check.finish()
    this.#gpgcheck.passed(sha256)
  }
}
