import { type Entry, numbers, texts } from './entry.ts'
import type { RpmSpec } from './spec.ts'
import { modes, tags } from './tags.ts'

/** The entries of the main header that list a package's files. */
export function fileEntries(spec: RpmSpec): Entry[] {
  const { files = [], format = 4 } = spec
  if (files.length === 0) return []
  const paths = files.map(({ path }) => Buffer.from(path as string))
  const all = <T>(value: T) => files.map(() => value)
  const fileSizes = files.map(({ size = 0 }) => size)
  const algorithm = format === 3 ? undefined : (spec.fileDigestAlgorithm ?? 8)
  return [
    ...((spec.oldFileNames ?? format === 3) ? [texts(tags.oldFileNames, 'stringArray', paths)] : names(paths)),
    format === 6 ? numbers(tags.longFileSizes, 'int64', fileSizes) : numbers(tags.fileSizes, 'int32', fileSizes),
    numbers(
      tags.fileModes,
      'int16',
      files.map(({ mode = modes.file }) => mode),
    ),
    numbers(tags.fileRdevs, 'int16', all(0)),
    numbers(tags.fileTimes, 'int32', all(1_600_000_000)),
    texts(
      tags.fileDigests,
      'stringArray',
      files.map(({ digest = '' }) => digest),
    ),
    texts(tags.fileLinks, 'stringArray', all('')),
    numbers(
      tags.fileFlags,
      'int32',
      files.map(({ flags = 0 }) => flags),
    ),
    texts(tags.fileUsers, 'stringArray', all('root')),
    texts(tags.fileGroups, 'stringArray', all('root')),
    numbers(tags.fileVerifyFlags, 'int32', all(0xffffffff)),
    numbers(tags.fileDevices, 'int32', all(1)),
    numbers(
      tags.fileInodes,
      'int32',
      files.map((_, i) => i + 1),
    ),
    texts(tags.fileLangs, 'stringArray', all('')),
    ...(algorithm === undefined ? [] : [numbers(tags.fileDigestAlgorithm, 'int32', [algorithm])]),
  ]
}

/** Directories, each once, then for each file the number of its own. */
function names(paths: Buffer[]): Entry[] {
  const directories: Buffer[] = []
  const cut = (path: Buffer) => path.lastIndexOf('/') + 1
  const indexes = paths.map((path) => {
    const directory = path.subarray(0, cut(path))
    const known = directories.findIndex((other) => other.equals(directory))
    return known === -1 ? directories.push(directory) - 1 : known
  })
  return [
    numbers(tags.dirIndexes, 'int32', indexes),
    texts(
      tags.baseNames,
      'stringArray',
      paths.map((path) => path.subarray(cut(path))),
    ),
    texts(tags.dirNames, 'stringArray', directories),
  ]
}
