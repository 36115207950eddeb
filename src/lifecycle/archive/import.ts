import { readFileSync } from 'node:fs'
import type { Config, Repo } from '../../config/repo.ts'
import { fromSystem, MirrorError } from '../../errors.ts'
import type { State } from '../../store/state.ts'
import { checkFits } from '../fits.ts'
import { type Admitted, admit } from './admit.ts'
import { blame } from './blame.ts'
import { dryIncoming } from './dry.ts'
import { incoming } from './incoming.ts'
import { type Archive, ArchiveReader, openArchive } from './input.ts'
import { bytesOf, type ManifestRepo } from './manifest.ts'
import { type PublishedRepo, publishImported } from './publish.ts'
import { type Head, readContents, readHead, type Taker } from './read.ts'
import { type Vouchers, vouch } from './vouch.ts'

export type ImportOptions = {
  /** The archive's file, or its parts'. */
  file: string
  config: Pick<Config, 'repos' | 'file'>
  /** Checks everything and leaves nothing behind. */
  dryRun: boolean
  /** Takes an archive of another state than the one before. */
  acceptOrigin: boolean
  vouchers: Vouchers
  signal: AbortSignal
  notice: (repo: Repo, level: 'info' | 'warn', message: string) => void
  progress: (done: number, all: number) => void
}

/** What an archive came to. */
export type Imported = {
  /** sha256 of its manifest. */
  sha256: string
  signer: string | undefined
  contents: number
  bytes: number
  repos: PublishedRepo[]
}

/**
 * Publishes what an archive holds: it is read and checked to its end, its contents brought into the pool, its metadata
 * read as clients do, and only then each repository published in the five steps of every publication.
 * @throws E_ARCHIVE, E_BASE, E_CHECKSUM, E_TRUNCATED and others saying what is wrong and where; nothing was published then
 */
export async function importArchive(options: ImportOptions, state: State): Promise<Imported> {
  try {
    using archive = openArchive(options.file)
    return await importOpen(archive, options, state)
  } catch (cause) {
    const error = fromSystem(cause)
    if (!(error instanceof MirrorError) || options.signal.aborted) throw error
    const message = `Cannot import ${options.file}: ${error.message}; nothing was published`
    throw new MirrorError(error.code, message, { cause: error })
  }
}

async function importOpen(archive: Archive, options: ImportOptions, state: State): Promise<Imported> {
  await using reader = new ArchiveReader(archive)
  const head = await readHead(reader)
  const { manifest, sha256 } = head
  const admitted = admit(manifest, options.config, state, options.acceptOrigin)
  const signer = await vouch(
    head,
    admitted.map(({ repo }) => repo),
    options.vouchers,
  )
  if (options.dryRun) await checkOnly(head, admitted, options, state)
  else await bringIn(head, admitted, options, state)
  const repos: PublishedRepo[] = []
  for (const one of admitted) repos.push(await publishImported(one, { manifest, sha256, signer }, options, state))
  return { sha256, signer, contents: manifest.contents.length, bytes: bytesOf(manifest.contents), repos }
}

async function bringIn(head: Head, admitted: readonly Admitted[], options: ImportOptions, state: State): Promise<void> {
  const taker = incoming(state)
  try {
    await readAll(head, taker, options)
    await taker.settle()
  } finally {
    await taker.abandon()
  }
  for (const { from } of admitted) await checkRepo(from, (sha256) => state.pool.path(sha256))
}

async function checkOnly(
  head: Head,
  admitted: readonly Admitted[],
  options: ImportOptions,
  state: State,
): Promise<void> {
  using taker = dryIncoming(head.manifest, state)
  await readAll(head, taker, options)
  for (const { from } of admitted) await checkRepo(from, (sha256) => taker.file(sha256) ?? state.pool.path(sha256))
}

async function readAll(head: Head, taker: Taker, { signal, progress }: ImportOptions): Promise<void> {
  const { archive } = head.reader
  const data = (chunk: Buffer) => {
    taker.data(chunk)
    progress(head.reader.position, archive.size)
  }
  try {
    await readContents(head, { ...taker, data }, signal)
  } catch (error) {
    throw await blame(error, archive, head.reader.position)
  }
}

/** Sees that the metadata of a repository and its files belong together. */
async function checkRepo(
  { path, generation, members }: ManifestRepo,
  contentFile: (sha256: string) => string,
): Promise<void> {
  const files = new Map(members.map((member) => [member.path, member]))
  try {
    const repomd = readFileSync(contentFile(generation.repomd))
    await checkFits({ repomd, file: (name) => files.get(name), contentFile })
  } catch (error) {
    if (!(error instanceof MirrorError)) throw error
    throw new MirrorError(error.code, `${path}: ${error.message}`, { cause: error })
  }
}
