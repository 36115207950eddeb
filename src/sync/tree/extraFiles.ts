import { MirrorError } from '../../errors.ts'
import { globMatcher } from '../../glob.ts'
import { atPlace, type NamedFile } from '../../repodata/namedFiles.ts'
import { treePath } from '../../repodata/treePath.ts'
import { isGone } from '../../upstream/retry.ts'
import type { Run } from '../run.ts'
import { listFolder } from './listing.ts'

/** Whether a name is to be matched with others. */
export function isGlob(name: string): boolean {
  return /[*?[]/.test(name)
}

/** A file of which nothing but its path is said. */
export function bare(path: string, place: string): NamedFile {
  return { path, digest: undefined, size: undefined, place }
}

/**
 * The files that `extra_files` asks for. What extra_files.json says of them counts; a glob is matched with the names in it
 * and with the upstream's listing of its folder.
 */
export async function extraFiles(
  names: readonly string[],
  listed: readonly NamedFile[],
  run: Run,
): Promise<NamedFile[]> {
  const files: NamedFile[] = []
  for (const name of names) {
    const place = isGlob(name) ? `extra_files: ${name}` : 'extra_files'
    const paths = isGlob(name) ? await matching(name, listed, run) : [name]
    for (const path of paths)
      files.push(
        bare(
          atPlace(place, () => treePath(path)),
          place,
        ),
      )
  }
  return files.map((file) => listed.find(({ path }) => path === file.path) ?? file)
}

async function matching(glob: string, listed: readonly NamedFile[], run: Run): Promise<string[]> {
  const folder = folderOf(glob)
  const isMatch = globMatcher(glob.slice(folder.length))
  const inFolder = listed.filter(({ path }) => folderOf(path) === folder).map(({ path }) => path.slice(folder.length))
  const names = new Set([...inFolder, ...(await listedNames(folder, run))])
  const found = [...names].filter(isMatch)
  if (found.length === 0) run.notice('warn', `extra_files: the upstream has nothing that matches ${glob}`)
  return found.map((name) => folder + name)
}

/** Empty, or with a slash at its end. */
function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1)
}

async function listedNames(folder: string, run: Run): Promise<string[]> {
  try {
    return await listFolder(folder, run)
  } catch (error) {
    if (isGone(error)) return []
    if (!(error instanceof MirrorError) || run.signal.aborted) throw error
    const message = `extra_files has a glob, and the upstream lists no files: ${error.message}; write their names`
    throw new MirrorError(error.code, message, { cause: error })
  }
}
