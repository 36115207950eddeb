import { statSync } from 'node:fs'
import { join } from 'node:path'
import { fromSystem } from '../../errors.ts'
import { relocate } from '../../repodata/primary/select.ts'
import type { CreaterepoOptions } from '../options.ts'
import type { RecordKind } from '../read/batch.ts'
import type { PackagePath } from '../walk.ts'
import { cleaned, type OldMetadata, type OldPackage, OldRecords, readOld, recordOf } from './old.ts'

/** An old package whose records are used again for a file, and where the file's record is to say that it is. */
export type Reused = { from: Source; old: OldPackage; href: string; base: string | undefined }

/** Earlier metadata with its records; which rows were given out decides what can still be had. */
type Source = { metadata: OldMetadata; records: OldRecords; last: number }

/** The earlier metadata of an update. */
export class Reuse implements AsyncDisposable {
  readonly #options: CreaterepoOptions
  readonly #sources: Source[]
  readonly #judged = new Map<string, boolean>()

  private constructor(options: CreaterepoOptions, metadata: OldMetadata[]) {
    this.#options = options
    this.#sources = metadata.map((each) => ({ metadata: each, records: new OldRecords(each), last: -1 }))
  }

  /** Opens the output's own metadata and that of the other paths; what cannot be read is told and not used. */
  static async open(options: CreaterepoOptions, tell: (notice: string) => void): Promise<Reuse> {
    const folders = [options.output, ...(options.update?.mdPaths ?? [])]
    const metadata: OldMetadata[] = []
    for (const folder of folders) {
      const read = await readOld(folder).catch((error: unknown) => {
        tell(`the metadata of ${folder} is not used: ${(fromSystem(error) as Error).message}`)
      })
      if (read !== undefined && isComplete(read, options)) metadata.push(read)
      else if (folder !== options.output) tell(`there is no metadata to use in ${join(folder, 'repodata')}`)
    }
    return new Reuse(options, metadata)
  }

  /** The output's own metadata, where it can be used. */
  get own(): OldMetadata | undefined {
    return this.#sources.map(({ metadata }) => metadata).find(({ folder }) => folder === this.#options.output)
  }

  get hrefs(): string[] {
    return [...new Set(this.#sources.flatMap(({ metadata }) => [...metadata.byHref.keys()]))]
  }

  /**
   * The old package whose records tell of the file still: same href, size, time in seconds and kind of checksum, as
   * createrepo_c has it (src/dumper_thread.c 594-640). Rows are given out in ascending order only, since records stream.
   */
  find({ file }: PackagePath, href: string): Reused | undefined {
    for (const from of this.#sources) {
      const old = from.metadata.byHref.get(cleaned(href))
      if (old === undefined || old.row <= from.last || !this.#isUnchanged(file, old)) continue
      from.last = old.row
      return { from, old, href, base: this.#options.locating.base ?? old.base }
    }
    return undefined
  }

  /** Whether some earlier record tells of a file there. */
  tellsOf(href: string): boolean {
    return this.#sources.some(({ metadata }) => metadata.byHref.has(cleaned(href)))
  }

  /** Says of a file whether its earlier record is to be used, whatever its size and time are. */
  judge(file: string, isUnchanged: boolean): void {
    this.#judged.set(file, isUnchanged)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#sources.map(({ records }) => records.close()))
  }

  #isUnchanged(file: string, old: OldPackage): boolean {
    if (this.#options.update?.skipStat === true) return true
    if (old.algorithm !== this.#options.reading.checksum) return false
    const judged = this.#judged.get(file)
    if (judged !== undefined) return judged
    const found = statSync(file, { throwIfNoEntry: false })
    return found !== undefined && found.size === old.size && Math.floor(found.mtimeMs / 1000) === old.fileTime
  }
}

function isComplete(metadata: OldMetadata, { reading }: CreaterepoOptions): boolean {
  const needed = ['primary', 'filelists', 'other', ...(reading.filelistsExt ? ['filelists-ext'] : [])]
  return needed.every((kind) => recordOf(metadata, kind) !== undefined)
}

/** The records of a package that are used again, with its location; they are copies. */
export async function reusedRecords({ from, old, href, base }: Reused): Promise<Map<RecordKind, Buffer>> {
  const records = await from.records.at(old.row)
  const moved = href !== old.href || base !== old.base
  return new Map(
    [...records].map(([kind, record]) => [
      kind,
      kind === 'primary' && moved ? relocate(record, href, base) : Buffer.from(record),
    ]),
  )
}
