import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import type { Repo } from '../../config/repo.ts'
import { createrepo } from '../../createrepo/createrepo.ts'
import { plainOptions } from '../../createrepo/defaults.ts'
import type { CreaterepoOptions } from '../../createrepo/options.ts'
import type { Found } from '../../createrepo/walk.ts'
import { MirrorError } from '../../errors.ts'
import type { Emit, Progress } from '../../events.ts'
import type { Places } from '../../store/state.ts'
import { checkFolder, findAttached, findLocal, notWalked } from './found.ts'
import { indexFolder, type Links, linkFolders } from './links.ts'
import { lookTwice } from './still.ts'

/** What indexing may use, and what it was told besides the configuration. */
export type Indexing = {
  places: Places
  /** The file that reading threads run. */
  program: string
  acceptShrink: boolean
  emit: Emit
  signal: AbortSignal
}

/** A local repository with its index for an upstream, and how many files that were to be packages are not in it. */
export type Indexed = { repo: Repo; leftOut: number }

/**
 * Makes the folders of a local repository an upstream like any other: a folder of the state with a link to each of them
 * and the metadata of all their packages. Where nothing has changed that costs a stat for each file.
 * @throws E_IO for a folder that is not there, E_SHRINK for one that lost all its packages
 */
export async function indexLocal(repo: Repo, indexing: Indexing): Promise<Indexed> {
  const { places, program, acceptShrink, emit, signal } = indexing
  for (const folder of repo.local) checkFolder(folder)
  const index = indexFolder(places.state, repo.path)
  const links = linkFolders(index, repo.local)
  const tell = (line: string) => {
    emit({ type: 'notice', repo: repo.id, level: 'warn', message: withFolders(line, index, links) })
  }
  const found = findLocal(index, repo)
  if (!acceptShrink) await guardEmpty(found, index, links)
  let remember = () => {}
  const look = async (files: readonly string[]) => {
    emit({ type: 'progress', repo: repo.id, progress: begun })
    const seen = await lookTwice(files, index, signal)
    for (const file of seen.moving) if (existsSync(file)) tell(`${file} is still being written; the next run takes it`)
    remember = seen.remember
    return seen
  }
  const options = optionsOf(index, repo, findAttached(index, links, tell))
  const { leftOut } = await createrepo(options, { program, warn: tell, signal, look }, found)
  remember()
  return { repo: { ...repo, baseurl: [pathToFileURL(`${index}/`).href] }, leftOut }
}

/** What is told while the index is made: there is something to do. */
const begun: Progress = { stage: 'metadata', packages: 0, packagesTotal: 0, bytes: 0, bytesTotal: 0 }

/** A line with the folders' own paths in place of those of their links. */
function withFolders(line: string, index: string, links: Links): string {
  return [...links].reduce((text, [link, folder]) => text.replaceAll(`${index}/${link}/`, `${folder}/`), line)
}

/** Holds the repository where a folder that had packages has none: more likely a missing mount than meant. */
async function guardEmpty({ packages }: Found, index: string, links: Links): Promise<void> {
  const empty = [...links].filter(([link]) => !packages.some(({ path }) => path.startsWith(`${link}/`)))
  if (empty.length === 0) return
  const { readOld } = await import('../../createrepo/update/old.ts')
  const before = (await readOld(index))?.packages ?? []
  for (const [link, folder] of empty) {
    const lost = before.filter(({ href }) => href.startsWith(`${link}/`)).length
    if (lost > 0)
      throw new MirrorError(
        'E_SHRINK',
        `the local folder ${folder} went from ${lost} packages to none: is its file system mounted? held: run with --accept-shrink if that is intended`,
      )
  }
}

/** What every client can read, unless the repository is to be written in another way. */
const formats = { upstream: 'gz', gz: 'gz', zstd: 'zst', none: 'none' } as const

function optionsOf(
  index: string,
  { compression }: Repo,
  attached: { type: string; file: string }[],
): CreaterepoOptions {
  return {
    ...plainOptions(index, formats[compression]),
    choice: { excludes: notWalked, pkglist: undefined, skipSymlinks: false },
    update: { mdPaths: [], skipStat: false, recyclePkglist: false, keepAdditional: false },
    attached,
  }
}
