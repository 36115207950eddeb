import type { Repo } from '../../config/repo.ts'
import { fromSystem, MirrorError } from '../../errors.ts'
import type { State } from '../../store/state.ts'
import { type Adopted, type BringingIn, bringingIn } from './bringIn.ts'
import { aliasOf, type FolderMetadata, readMetadata } from './metadata.ts'
import { type AdoptedGeneration, publishFolder } from './publish.ts'
import { type Walked, walkFolder } from './walk.ts'

export type AdoptOptions = {
  /** An absolute path. */
  folder: string
  /** Where its packages are published; undefined: they go into the pool alone, for the next sync. */
  repo: Repo | undefined
  /** Links the packages, which belong to us, in place of copying them. */
  take: boolean
  program: string
  signal: AbortSignal
  notice: (level: 'info' | 'warn', message: string) => void
}

/**
 * What was taken over. `known` were in the pool before; bytes are those of the others. `left` are
 * packages that were not taken, `foreign` files that are none.
 */
export type AdoptedFolder = {
  packages: number
  known: number
  bytes: number
  left: number
  foreign: number
  published: AdoptedGeneration | undefined
}

/**
 * Takes over a tree that other programs made: each package is read whole and becomes a content, whatever metadata,
 * times or attributes say of it; what is none, or broken, is told and left. Then it is published, where that is asked for.
 * It may be stopped and repeated at any time: what is in the pool counts once.
 */
export async function adoptFolder(options: AdoptOptions, state: State): Promise<AdoptedFolder> {
  const { folder, repo, take, notice } = options
  const walked = walkFolder(folder)
  const metadata = metadataOf(options)
  const bringing = bringingIn(state, { take, alias: await aliasOf(folder, metadata) })
  const left = teller(notice)
  for (const { file, reason } of walked.problems) left.tell(file, reason)
  const packages = await bringAll(walked, bringing, options, (file, reason) => left.tell(file, reason))
  await bringing.settle()
  const foreign = teller(notice)
  for (const file of walked.foreign) foreign.tell(file, 'it is no package')
  for (const told of [left, foreign]) told.tellRest()
  const published =
    repo === undefined ? undefined : await publishFolder({ ...options, repo, packages, metadata, bringing, state })
  const fresh = [...packages.values()].filter(({ isNew }) => isNew)
  const bytes = fresh.reduce((sum, { size }) => sum + size, 0)
  return {
    packages: packages.size,
    known: packages.size - fresh.length,
    bytes,
    left: left.count(),
    foreign: foreign.count(),
    published,
  }
}

/** Metadata that cannot be read at all is like none. */
function metadataOf({ folder, notice }: AdoptOptions): FolderMetadata | undefined {
  try {
    return readMetadata(folder)
  } catch (error) {
    if (!(error instanceof MirrorError)) throw error
    notice('warn', `the repodata of ${folder} cannot be used: ${error.message}`)
    return undefined
  }
}

async function bringAll(
  { packages }: Walked,
  bringing: BringingIn,
  { signal }: AdoptOptions,
  leave: (file: string, reason: string) => void,
): Promise<Map<string, Adopted>> {
  const adopted = new Map<string, Adopted>()
  for (const { file, path } of packages) {
    signal.throwIfAborted()
    try {
      adopted.set(path, await bringing.bringPackage(file))
    } catch (caught) {
      const error = fromSystem(caught)
      if (!(error instanceof MirrorError) || !ofTheFile.has(error.code)) throw error
      leave(file, error.message)
    }
    // A daemon's other work comes between.
    await new Promise(setImmediate)
  }
  return adopted
}

/** What is wrong with one file alone; a full disk, or a folder on another one, ends it all. */
const ofTheFile: ReadonlySet<string> = new Set(['E_RPM', 'E_IO'])

/** How many files are named that were not taken. */
const maxTold = 50

/** Tells of files that are not taken, and counts them. */
function teller(notice: AdoptOptions['notice']) {
  let count = 0
  return {
    tell(file: string, reason: string): void {
      if (++count <= maxTold) notice('warn', `${file} is not taken: ${reason}`)
    },
    tellRest(): void {
      if (count > maxTold) notice('warn', `${count - maxTold} more files are not taken`)
    },
    count: () => count,
  }
}
