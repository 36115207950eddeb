import type { Digest } from '../digest.ts'
import { MirrorError } from '../errors.ts'

/** A file of a kickstart tree as a document names it; `place` says where, for messages: `.treeinfo, line 12`. */
export type NamedFile = { path: string; digest: Digest | undefined; size: number | undefined; place: string }

/** A document that names more files than this is not read. */
const maxFiles = 10_000

/** Gathers the files that documents name, each once: what one place leaves open another may state. */
export class NamedFiles {
  readonly #files = new Map<string, NamedFile>()

  /** @throws E_TREEINFO where two places contradict each other, E_LIMIT */
  add(file: NamedFile): void {
    const { path, place } = file
    const known = this.#files.get(path)
    if (known !== undefined && contradict(known, file))
      throw new MirrorError('E_TREEINFO', `${place}: ${path} is not what ${known.place} says of it`)
    const { digest = file.digest, size = file.size } = known ?? file
    this.#files.set(path, { path, digest, size, place: known?.digest === undefined ? place : known.place })
    if (this.#files.size > maxFiles) throw new MirrorError('E_LIMIT', `${place}: more than ${maxFiles} files are named`)
  }

  get all(): NamedFile[] {
    return [...this.#files.values()]
  }
}

function contradict(one: NamedFile, other: NamedFile): boolean {
  const hasBoth = one.digest !== undefined && one.digest.algorithm === other.digest?.algorithm
  return (
    (hasBoth && one.digest?.hex !== other.digest?.hex) ||
    (one.size !== undefined && other.size !== undefined && one.size !== other.size)
  )
}

/** Takes a step with what stands at a place of a document; its error names the place. */
export function atPlace<T>(place: string, step: () => T): T {
  try {
    return step()
  } catch (error) {
    if (!(error instanceof MirrorError)) throw error
    throw new MirrorError(error.code, `${place}: ${error.message}`, { cause: error })
  }
}
