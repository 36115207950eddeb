import { MirrorError } from '../../errors.ts'
import type { PackageFile } from '../../repodata/package.ts'
import type { Header } from '../../rpm/header.ts'
import { tag } from '../../rpm/tags.ts'
import { maxRecord } from '../../xml/chunks.ts'
import { equalLengths } from './listed.ts'

const typeMask = 0o170000
const directory = 0o040000
/** RPMFILE_GHOST (rpm, include/rpm/rpmfiles.h). */
const ghost = 1 << 6

/** The paths of a package, and what the header tells of each; all undefined where the header has none. */
type FileLists = { paths: string[]; flags: number[]; modes: number[]; digests: string[] }

/**
 * The files of a package. Like createrepo_c (src/parsehdr.c 283-357) it tells of none where a list is missing, and of
 * a directory as one, be it a ghost or not.
 */
export function readFiles(header: Header, withDigests: boolean): PackageFile[] {
  const lists = readLists(header)
  if (lists === undefined) return []
  const { paths, flags, modes, digests } = lists
  equalLengths('files', paths, flags, modes, digests)
  return paths.map((path, i) => ({
    path,
    type: typeOf(modes[i] as number, flags[i] as number),
    digest: withDigests ? digests[i] || undefined : undefined,
  }))
}

function typeOf(mode: number, flags: number): PackageFile['type'] {
  if ((mode & typeMask) === directory) return 'dir'
  return (flags & ghost) === 0 ? 'file' : 'ghost'
}

function readLists(header: Header): FileLists | undefined {
  const paths = joinedPaths(header) ?? header.strings(tag.oldFileNames)
  const flags = header.numbers(tag.fileFlags)
  const modes = header.numbers(tag.fileModes)
  const digests = header.strings(tag.fileDigests)
  if (paths === undefined || flags === undefined || modes === undefined || digests === undefined) return undefined
  return { paths, flags, modes, digests }
}

/** Directories are listed once, each file by its name and the number of its directory. */
function joinedPaths(header: Header): string[] | undefined {
  const names = header.strings(tag.baseNames)
  const indexes = header.numbers(tag.dirIndexes)
  const directories = header.strings(tag.dirNames)
  if (names === undefined || indexes === undefined || directories === undefined) return undefined
  equalLengths('file names', names, indexes)
  let length = 0
  return names.map((name, i) => {
    const parent = directories[indexes[i] as number]
    if (parent === undefined)
      throw new MirrorError('E_RPM', `file ${name} is in directory ${indexes[i]} of ${directories.length}`)
    length += parent.length + name.length
    // A few bytes of the header can name a long directory again and again.
    if (length > maxRecord) throw new MirrorError('E_RPM', `its file names take more than ${maxRecord} bytes`)
    return parent + name
  })
}
