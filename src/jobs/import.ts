import { importArchive } from '../lifecycle/archive/import.ts'
import type { PublishedRepo } from '../lifecycle/archive/publish.ts'
import type { Operating } from '../lifecycle/operating.ts'
import { repoRow } from '../store/generations.ts'
import { recordRun } from '../store/runs.ts'
import { callHook } from './hooks.ts'

/** What an import is told. */
export type ImportArguments = {
  /** Absolute paths, of the archive and of files of public keys. */
  file: string
  keys: string[]
  fingerprints: string[]
  dryRun: boolean
  acceptOrigin: boolean
}

/** What one repository of an archive came to, in plain values; `generation` is what clients see. */
export type ImportedRepo = Omit<PublishedRepo, 'repo' | 'generation'> & {
  repo: string
  path: string
  generation: number | null
}

/** What an archive came to, in plain values: `manifest` is its sha256, `signer` a fingerprint where one was asked for. */
export type ImportAnswer = {
  manifest: string
  signer: string | null
  contents: number
  bytes: number
  dryRun: boolean
  repos: ImportedRepo[]
}

/** Publishes what an archive holds; of each repository it is remembered, and its hook told, as of a run that ended well. */
export async function importInto({ arguments: given, ...rest }: Operating<ImportArguments>): Promise<ImportAnswer> {
  const { state, config, emit, signal } = rest
  const at = Date.now()
  const imported = await importArchive(
    {
      ...given,
      vouchers: given,
      config,
      signal,
      notice: (repo, level, message) => emit({ type: 'notice', repo: repo.id, level, message }),
      progress: () => {},
    },
    state,
  )
  const { sha256, signer = null, contents, bytes, repos } = imported
  const milliseconds = Date.now() - at
  if (!given.dryRun) for (const one of repos) await remember(one, { at, milliseconds }, rest)
  return { manifest: sha256, signer, contents, bytes, dryRun: given.dryRun, repos: repos.map(plain) }
}

function plain({ repo, generation, ...rest }: PublishedRepo): ImportedRepo {
  return { repo: repo.id, path: repo.path, generation: generation ?? null, ...rest }
}

async function remember(
  { repo, generation, ...counts }: PublishedRepo,
  { at, milliseconds }: { at: number; milliseconds: number },
  { state: { database, root }, emit, signal }: Pick<Operating<ImportArguments>, 'state' | 'emit' | 'signal'>,
): Promise<void> {
  const { result, added, removed } = counts
  const run = { at, milliseconds, result, message: undefined, added, removed, bytes: 0 }
  recordRun(database, repoRow(database, repo), run)
  const summary = { ...counts, generation, bytes: 0, missing: [], unhashed: [] }
  const outcome = { repo, seconds: milliseconds / 1000, summary, leftOut: 0, error: undefined, served: generation }
  await callHook(outcome, root, emit, signal)
}
