import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Repo } from '../../config/repo.ts'
import { createrepo } from '../../createrepo/createrepo.ts'
import { plainOptions } from '../../createrepo/defaults.ts'
import { MirrorError } from '../../errors.ts'
import { measure } from '../../publish/measure.ts'
import { isUnique, type MetadataFile } from '../../publish/pooled.ts'
import { publish, restore } from '../../publish/publish.ts'
import { makeRepomd } from '../../publish/repomd.ts'
import { stageSignatureBefore } from '../../publish/signed.ts'
import { parseRepomd, type Repomd } from '../../repodata/repomd.ts'
import { currentGeneration, repoRow } from '../../store/generations.ts'
import { forgetLook } from '../../store/looks.ts'
import { compareStaged, memberRows, stageMembers } from '../../store/members.ts'
import type { State } from '../../store/state.ts'
import { checkFits, type Listed } from '../fits.ts'
import type { Adopted, BringingIn } from './bringIn.ts'
import type { FolderMetadata } from './metadata.ts'

/** What publishing needs: the folder, its packages by their paths, and where to. */
export type Publishing = {
  folder: string
  repo: Repo
  packages: ReadonlyMap<string, Adopted>
  metadata: FolderMetadata | undefined
  bringing: BringingIn
  state: State
  program: string
  signal: AbortSignal
  notice: (level: 'info' | 'warn', message: string) => void
}

/** What is published: metadata files in the pool, and what their repomd.xml lists. */
type Made = {
  repomd: Repomd
  bytes: Buffer | undefined
  files: MetadataFile[]
  listed: Pick<Listed, 'packages' | 'bytes'>
}

export type AdoptedGeneration = { generation: number; result: 'published' | 'unchanged'; packages: number }

/** Publishes a folder's packages at once: with its own metadata where that fits them, else with metadata that is made here. */
export async function publishFolder(publishing: Publishing): Promise<AdoptedGeneration> {
  const made = (await ownMetadata(publishing)) ?? (await newMetadata(publishing))
  await publishing.bringing.settle()
  return await publishMade(made, publishing)
}

/** The folder's own metadata, in the pool; undefined, and told, where it does not fit. */
async function ownMetadata(publishing: Publishing): Promise<Made | undefined> {
  const { metadata, folder, packages, bringing, state, notice } = publishing
  if (metadata === undefined) return undefined
  try {
    const files = await bringRecords(metadata.repomd, folder, bringing)
    const byPath = new Map(files.map((file) => [file.path, file]))
    const contentFile = (sha256: string) => state.pool.path(sha256)
    const file = (path: string) => byPath.get(path) ?? packages.get(path)
    const listed = await checkFits({ repomd: metadata.bytes, file, contentFile })
    if (listed.packages < packages.size)
      throw new MirrorError('E_MISMATCH', `it lists ${listed.packages} of ${packages.size} packages`)
    return { repomd: metadata.repomd, bytes: metadata.bytes, files, listed }
  } catch (error) {
    if (!(error instanceof MirrorError) || error.code === 'E_NOSPC') throw error
    notice('warn', `the repodata of ${folder} does not fit (${error.message}); it is made anew`)
    return undefined
  }
}

async function bringRecords({ records }: Repomd, folder: string, bringing: BringingIn): Promise<MetadataFile[]> {
  const files: MetadataFile[] = []
  for (const { type, href, checksum, openChecksum, openSize } of records) {
    const { sha256, size } = await bringing.bringFile(join(folder, href))
    files.push({ type, path: href, sha256, size, digest: checksum, openChecksum, openSize })
  }
  return files
}

/** Metadata of what is in the pool, made in a folder of links to it; groups, advisories and modules of the folder's own ride along. */
async function newMetadata(publishing: Publishing): Promise<Made> {
  const { packages, bringing, state, program, signal, notice } = publishing
  const staging = join(state.tmp, `adopt-${process.pid}`)
  rmSync(staging, { recursive: true, force: true })
  try {
    mkdirSync(staging)
    for (const [path, { sha256 }] of packages) {
      mkdirSync(dirname(join(staging, path)), { recursive: true })
      if (!state.pool.link(sha256, join(staging, path))) throw new MirrorError('E_IO', `${path} vanished from the pool`)
    }
    const options = {
      ...plainOptions(staging),
      choice: { excludes: ['.*'], pkglist: undefined, skipSymlinks: true },
      attached: await ridingAlong(staging, publishing),
    }
    await createrepo(options, { program, signal, warn: (line) => notice('warn', line.replaceAll(`${staging}/`, '')) })
    const repomd = parseRepomd(readFileSync(join(staging, 'repodata/repomd.xml')))
    const files = await bringRecords(repomd, staging, bringing)
    const bytes = [...packages.values()].reduce((sum, { size }) => sum + size, 0)
    return { repomd, bytes: undefined, files, listed: { packages: packages.size, bytes } }
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
}

/** Documents that are about packages by their names, and not about files of a folder. */
const riding = new Set(['group', 'updateinfo', 'modules'])

/** The folder's groups, advisories and modules, as its own metadata has them, or reposync's comps.xml at its top. */
async function ridingAlong(
  staging: string,
  { metadata, folder, bringing, state }: Publishing,
): Promise<{ type: string; file: string }[]> {
  const own = (metadata?.repomd.records ?? []).filter(({ type }) => riding.has(type))
  const comps = { type: 'group', href: 'comps.xml', checksum: undefined }
  const given =
    own.some(({ type }) => type === 'group') || !existsSync(join(folder, comps.href)) ? own : [...own, comps]
  mkdirSync(join(staging, '.riding'))
  const attached: { type: string; file: string }[] = []
  for (const { type, href, checksum } of given) {
    const file = join(staging, '.riding', basename(href))
    const adopted = await bringing.bringFile(join(folder, href)).catch(() => undefined)
    if (adopted === undefined || !state.pool.link(adopted.sha256, file)) continue
    const found = checksum && (await measure(file, checksum.algorithm))
    if (found?.hex === checksum?.hex) attached.push({ type, file })
  }
  return attached
}

/** The five steps, with the folder's own repomd.xml where nothing was published before it: no client can tell the difference. */
async function publishMade(own: Made, { repo, packages, state, notice }: Publishing): Promise<AdoptedGeneration> {
  const { database } = state
  const destination = { repo: repoRow(database, repo), path: repo.path, sign: repo.sign }
  const before = currentGeneration(database, destination.repo)
  stage(own.files, packages, destination.repo, state, (path) => {
    notice('warn', `another ${path} takes the place of the one before, which is still retained`)
  })
  const { packages: listed, bytes } = own.listed
  const isSignedAlike = await stageSignatureBefore(state, destination.repo, repo.sign)
  if (before !== undefined && isSignedAlike && !compareStaged(database, destination.repo).changed) {
    restore(state, destination, before)
    return { generation: before.number, result: 'unchanged', packages: listed }
  }
  const stamped =
    before === undefined && own.bytes !== undefined
      ? { repomd: own.bytes, ...stampsOf(own.repomd) }
      : makeRepomd(own.repomd, own.files, before)
  const made = {
    ...stamped,
    packages: listed,
    bytes,
    // What was here says nothing of the upstream, which may have fewer packages than were kept.
    upstreamPackages: 0,
    trust: 'adopted',
    overrides: undefined,
  }
  // What the upstream had before this, the next sync brings back.
  const { number } = await publish(state, destination, made, () => forgetLook(database, destination.repo))
  return { generation: number, result: 'published', packages: listed }
}

function stampsOf({ revision, records }: Repomd): { revision: string; timestamp: number } {
  return { revision, timestamp: Math.max(0, ...records.map(({ timestamp }) => timestamp)) }
}

function stage(
  files: readonly MetadataFile[],
  packages: ReadonlyMap<string, Adopted>,
  row: number,
  { database }: State,
  replaced: (path: string) => void,
): void {
  const rows = memberRows(database, row)
  const staged = stageMembers(database)
  staged.clear()
  for (const [path, { sha256 }] of packages) {
    const isOther = rows.hasOtherContent(path, sha256)
    if (isOther) replaced(path)
    staged.add({ path, kind: isOther ? 'extra' : 'package', sha256, dropped: undefined })
  }
  for (const file of files)
    staged.add({
      path: file.path,
      kind: isUnique(file) ? 'metadata' : 'extra',
      sha256: file.sha256,
      dropped: undefined,
    })
  staged.done()
}
