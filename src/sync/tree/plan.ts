import { extraFilesName, parseExtraFiles } from '../../repodata/extraFiles.ts'
import { atPlace, type NamedFile, NamedFiles } from '../../repodata/namedFiles.ts'
import { parseTreeinfo } from '../../repodata/treeinfo.ts'
import type { Validators } from '../../store/looks.ts'
import { type Member, memberRows } from '../../store/members.ts'
import { isGone } from '../../upstream/retry.ts'
import { fetchDocument } from '../document.ts'
import type { Edition } from '../edition.ts'
import type { Run } from '../run.ts'
import { demandSafeWay } from '../trust/unsigned.ts'
import { checkSize, checkStrength } from '../wanted.ts'
import { bare, extraFiles, isGlob } from './extraFiles.ts'
import { mirrorsTree, type TreeinfoFile, treeinfoNames } from './treeinfo.ts'

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
 * Decides which files beside packages and metadata are published: those of the kickstart tree that an edition's treeinfo
 * describes, and the extra ones that are configured.
 * @throws E_TREEINFO, E_PATH, E_HASH, E_LIMIT, E_WEAK_HASH, E_SIG naming the document and the place in it
 */
export async function planTree({ treeinfo }: Edition, run: Run): Promise<TreePlan> {
  const { local, merge, extraFiles: asked } = run.repo
  const extra = local.length === 0 && merge.length === 0 ? asked : []
  if (treeinfo === undefined) tellLost(run)
  const listing = treeinfo !== undefined || extra.some(isGlob) ? await fetchExtraFiles(run) : undefined
  const listed = listing === undefined ? [] : parseExtraFiles(listing.bytes)
  const documents: TreeDocument[] = []
  if (treeinfo !== undefined) documents.push({ ...treeinfo, path: treeinfo.name, kind: 'tree' })
  if (treeinfo !== undefined && listing !== undefined) documents.push(listing)
  const files = withoutDocuments(documents, [
    ...(treeinfo === undefined ? [] : treeFiles(treeinfo, listed)),
    ...(await extraFiles(extra, listed, run)).map((file) => ({ ...file, kind: 'extra', isOptional: false }) as const),
    ...(treeinfo === undefined ? [] : unnamed).map(
      (path) => ({ ...bare(path, 'tree'), kind: 'tree', isOptional: true }) as const,
    ),
  ])
  for (const file of files) check(file, run)
  const [first] = [...documents, ...files]
  if (first !== undefined) demandSafeWay(first.path, run)
  return { documents, files }
}

/** What the documents of a tree name. Another treeinfo among it would be one that nobody has looked at. */
function treeFiles({ name, bytes }: TreeinfoFile, listed: readonly NamedFile[]): TreeFile[] {
  const named = new NamedFiles()
  for (const file of [...parseTreeinfo(bytes, name).files, ...listed]) named.add(file)
  const files = named.all.filter(({ path }) => !treeinfoNames.some((other) => other === path))
  return files.map((file) => ({ ...file, kind: 'tree', isOptional: false }))
}

/** Each path once, as it is named first; documents are at hand. */
function withoutDocuments(documents: readonly TreeDocument[], files: readonly TreeFile[]): TreeFile[] {
  const taken = new Set(documents.map(({ path }) => path))
  return files.filter(({ path }) => !taken.has(path) && taken.add(path))
}

/** A tree that is gone upstream goes here too, but not without a word. */
function tellLost({ repo, row, state, notice }: Run): void {
  if (!mirrorsTree(repo)) return
  const had = memberRows(state.database, row)
    .fixedNames()
    .some(({ kind }) => kind === 'tree')
  if (had) notice('warn', 'the upstream has no treeinfo any more; its kickstart tree goes from here after retain')
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
