import { createHash } from 'node:crypto'
import { existsSync, lstatSync, mkdirSync, readdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { basename, join } from 'node:path'

/** The folders of one repository by the names that stand for them in its index, which are the first parts of its hrefs. */
export type Links = ReadonlyMap<string, string>

/** Where the index of a repository stands in the state, one folder for each publish path. */
export function indexFolder(state: string, path: string): string {
  const readable = path.replaceAll(/[^A-Za-z0-9]+/g, '-').slice(0, 60)
  return join(state, 'local', `${readable}-${shortDigest(path)}`)
}

/** Removes the indexes of repositories other than those at these paths; what their links lead to stays. */
export function removeOtherIndexes(state: string, paths: readonly string[]): void {
  const folder = join(state, 'local')
  if (!existsSync(folder)) return
  const kept = new Set(paths.map((path) => indexFolder(state, path)))
  for (const name of readdirSync(folder))
    if (!kept.has(join(folder, name))) rmSync(join(folder, name), { recursive: true, force: true })
}

/** Puts a symbolic link for each folder into the index, and takes away those of other folders; writes only what differs. */
export function linkFolders(index: string, folders: readonly string[]): Links {
  mkdirSync(index, { recursive: true })
  const links = namesOf(folders)
  for (const name of readdirSync(index))
    if (!links.has(name) && lstatSync(join(index, name)).isSymbolicLink()) rmSync(join(index, name))
  for (const [name, folder] of links) if (targetOf(join(index, name)) !== folder) relink(join(index, name), folder)
  return links
}

/** Each folder's own name; where that is taken or means something else, with a digest, so that no order matters. */
function namesOf(folders: readonly string[]): Links {
  const plain = folders.map(plainName)
  return new Map(
    folders.map((folder, i) => {
      const name = plain[i] as string
      const isFree = plain.indexOf(name) === plain.lastIndexOf(name) && name !== 'repodata'
      return [isFree ? name : `${name}-${shortDigest(folder)}`, folder]
    }),
  )
}

/** A name that can begin any href: no URL's scheme, not hidden, not that of a package. */
function plainName(folder: string): string {
  return basename(folder)
    .replaceAll(/[^A-Za-z0-9._+~-]/g, '_')
    .replace(/^\./, '_')
    .replace(/\.rpm$/, '_rpm')
}

function shortDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

function targetOf(link: string): string | undefined {
  return lstatSync(link, { throwIfNoEntry: false }) && readlinkSync(link)
}

function relink(link: string, folder: string): void {
  const temporary = `${link}.new`
  rmSync(temporary, { force: true })
  symlinkSync(folder, temporary)
  renameSync(temporary, link)
}
