import { MirrorError } from '../../errors.ts'
import { globMatcher } from '../../glob.ts'
import { extraFilesName, parseExtraFiles } from '../../repodata/extraFiles.ts'
import { atPlace, type NamedFile, NamedFiles } from '../../repodata/namedFiles.ts'
import { parseTreeinfo } from '../../repodata/treeinfo.ts'
import { treePath } from '../../repodata/treePath.ts'
import type { Validators } from '../../store/looks.ts'
import type { Member } from '../../store/members.ts'
import { isGone } from '../../upstream/retry.ts'
import { fetchDocument } from '../document.ts'
import type { Run } from '../run.ts'
import type { Snapshot } from '../snapshot.ts'
import { checkSize, checkStrength } from '../wanted.ts'
import { listFolder } from './listing.ts'
import { treeinfoNames } from './treeinfo.ts'

type Kind = Extract<Member['kind'], 'tree' | 'extra'>

/** A file to have beside the packages. One that is optional is asked for because most upstreams of its kind have it. */
export type TreeFile = NamedFile & { kind: Kind; isOptional: boolean }

/** A document that was read for the plan and is published as it is. */
export type TreeDocument = { path: string; kind: Kind; bytes: Buffer; validators: Validators }

/** What is to be published beside packages and metadata. */
export type TreePlan = { documents: TreeDocument[]; files: TreeFile[] }

/** The largest file of a tree that is taken, in bytes: a DVD's image with room to grow. */
export const maxTreeFile = 64 * 1024 ** 3

const maxDocumentBytes = 16 * 1024 * 1024

/** Files of a tree that no document names: anaconda reads .discinfo, dnf and zypper media.repo. */
const unnamed = ['.discinfo', 'media.repo']

/**
 * Decides which files beside packages and metadata are published: those of the kickstart tree that a snapshot's treeinfo
 * describes, and the extra ones that are configured.
 * @throws E_TREEINFO, E_PATH, E_HASH, E_LIMIT, E_WEAK_HASH naming the document and the place in it
 */
export async function planTree({ treeinfo }: Snapshot, run: Run): Promise<TreePlan> {
  const { repo } = run
  const extra = repo.local.length === 0 ? repo.extraFiles : []
  if (treeinfo === undefined && extra.length === 0) return { documents: [], files: [] }
  const listed = treeinfo !== undefined || extra.some(isGlob) ? await fetchExtraFiles(run) : undefined
  const listedFiles = listed === undefined ? [] : parseExtraFiles(listed.bytes)
  const documents: TreeDocument[] = []
  const tree = new NamedFiles()
  if (treeinfo !== undefined) {
    documents.push({ ...treeinfo, path: treeinfo.name, kind: 'tree' })
    if (listed !== undefined) documents.push(listed)
    for (const file of [...parseTreeinfo(treeinfo.bytes, treeinfo.name).files, ...listedFiles]) tree.add(file)
  }
  const files = new Map<string, TreeFile>()
  const isTaken = (path: string) => documents.some((document) => document.path === path) || files.has(path)
  const take = (file: NamedFile, kind: Kind, isOptional = false) => {
    if (!isTaken(file.path) && (kind === 'extra' || !isTreeinfo(file.path)))
      files.set(file.path, { ...file, kind, isOptional })
  }
  for (const file of tree.all) take(file, 'tree')
  for (const file of await wantedExtras(extra, listedFiles, run)) take(file, 'extra')
  if (treeinfo !== undefined) for (const path of unnamed) take(open(path, 'the tree'), 'tree', true)
  for (const file of files.values()) check(file, run)
  return { documents, files: [...files.values()] }
}

/** The other name of the treeinfo would be one without the first's guard: what it says is not looked at. */
function isTreeinfo(path: string): boolean {
  return treeinfoNames.some((name) => name === path)
}

function isGlob(text: string): boolean {
  return /[*?[]/.test(text)
}

function open(path: string, place: string): NamedFile {
  return { path, digest: undefined, size: undefined, place }
}

function check({ path, place, digest, size }: TreeFile, { repo }: Run): void {
  atPlace(`${place}: ${path}`, () => {
    if (digest !== undefined) checkStrength(digest, repo.weakDigests)
    checkSize(size ?? 0, maxTreeFile)
  })
}

async function fetchExtraFiles({ upstream, repo, signal }: Run): Promise<TreeDocument | undefined> {
  try {
    const asked = { path: extraFilesName, known: {}, limit: maxDocumentBytes }
    const document = await fetchDocument(upstream, asked, repo.transfer, signal)
    return document && { path: extraFilesName, kind: 'tree', ...document }
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}

/** The extra files by their names: a glob's are those of extra_files.json and of the listing of its folder. */
async function wantedExtras(extra: readonly string[], listed: readonly NamedFile[], run: Run): Promise<NamedFile[]> {
  const wanted: NamedFile[] = []
  for (const item of extra) {
    if (!isGlob(item))
      wanted.push(
        open(
          atPlace('extra_files', () => treePath(item)),
          'extra_files',
        ),
      )
    else wanted.push(...(await matching(item, listed, run)))
  }
  return wanted.map((file) => listed.find(({ path }) => path === file.path) ?? file)
}

async function matching(glob: string, listed: readonly NamedFile[], run: Run): Promise<NamedFile[]> {
  const slash = glob.lastIndexOf('/') + 1
  const folder = glob.slice(0, slash)
  const isMatch = globMatcher(glob.slice(slash))
  const inFolder = listed
    .map(({ path }) => path)
    .filter((path) => path.lastIndexOf('/') + 1 === slash && path.startsWith(folder))
  const names = new Set(inFolder.map((path) => path.slice(slash)))
  for (const name of await listedNames(folder, run)) names.add(name)
  const found = [...names].filter(isMatch)
  if (found.length === 0) run.notice('warn', `extra_files: the upstream has nothing that matches ${glob}`)
  return found.map((name) =>
    open(
      atPlace(`extra_files: ${glob}`, () => treePath(`${folder}${name}`)),
      `extra_files: ${glob}`,
    ),
  )
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
