import { readFileSync } from 'node:fs'
import type { Repo } from '../../config/repo.ts'
import { type NewGeneration, publish, restore } from '../../publish/publish.ts'
import { currentGeneration, repoRow } from '../../store/generations.ts'
import { forgetLook } from '../../store/looks.ts'
import { compareStaged, type Member, memberRows, stageMembers } from '../../store/members.ts'
import type { State } from '../../store/state.ts'
import type { Admitted } from './admit.ts'
import type { Manifest, ManifestMember, ManifestRepo } from './manifest.ts'
import { rememberOrigin } from './origin.ts'

/** What one repository of an archive came to; `generation` is what clients see, `packages` those of it. */
export type PublishedRepo = {
  repo: Repo
  result: 'published' | 'unchanged'
  generation: number | undefined
  packages: number
  added: number
  removed: number
}

type Source = { manifest: Manifest; sha256: string; signer: string | undefined }
type Telling = { dryRun: boolean; notice: (repo: Repo, level: 'info' | 'warn', message: string) => void }

/** Publishes a repository whose contents are in the pool, byte for byte as it was exported; nothing where clients have just that, or newer. */
export async function publishImported(
  { repo, from, older }: Admitted,
  { manifest, sha256, signer }: Source,
  { dryRun, notice }: Telling,
  state: State,
): Promise<PublishedRepo> {
  const { database } = state
  const destination = { repo: repoRow(database, repo), path: repo.path }
  const before = currentGeneration(database, destination.repo)
  const { generation: made } = from
  const unchanged = { repo, result: 'unchanged', generation: before?.number, added: 0, removed: 0 } as const
  if (older !== undefined) {
    const message = `generation ${older} of ${from.path} was imported already, this archive has ${made.number}; it stays`
    notice(repo, 'warn', message)
    return { ...unchanged, packages: before?.packages ?? 0 }
  }
  stage(from, destination.repo, state, (path) => {
    notice(repo, 'warn', `another ${path} takes the place of the one before, which is still retained`)
  })
  const { added, removed, changed } = compareStaged(database, destination.repo)
  const packages = made.packages
  if (dryRun) return { ...unchanged, result: changed ? 'published' : 'unchanged', packages, added, removed }
  const origin = { state: manifest.state, number: made.number, repomd: made.repomd, manifest: sha256 }
  if (!changed && before?.repomd === made.repomd && (await state.pool.isIntact(before.repomd))) {
    restore(state, destination, before)
    rememberOrigin(database, repo.path, origin)
    return { ...unchanged, packages }
  }
  if (before !== undefined && before.timestamp > made.timestamp)
    notice(repo, 'warn', 'its repomd.xml is older than what was shown here: yum 3 keeps what it has until that expires')
  const { number } = await publish(state, destination, newGeneration(from, signer, state), () =>
    forgetLook(database, destination.repo),
  )
  rememberOrigin(database, repo.path, origin)
  return { repo, result: 'published', generation: number, packages, added, removed }
}

function newGeneration({ generation }: ManifestRepo, signer: string | undefined, { pool }: State): NewGeneration {
  const { repomd, revision, timestamp, packages, bytes, upstreamPackages, trust } = generation
  const by = signer === undefined ? 'archive' : `archive signed by ${signer}`
  return {
    repomd: readFileSync(pool.path(repomd)),
    revision,
    timestamp,
    packages,
    bytes,
    upstreamPackages,
    trust: `${by}: ${trust}`,
    overrides: undefined,
  }
}

/** Its metadata names each file by its path: where a retained generation has another content there, that is replaced. */
function stage({ members }: ManifestRepo, row: number, { database }: State, replaced: (path: string) => void): void {
  const rows = memberRows(database, row)
  const staged = stageMembers(database)
  staged.clear()
  for (const member of members) {
    const kind = kindOf(member, rows)
    if (kind !== member.kind) replaced(member.path)
    staged.add({ path: member.path, kind, sha256: member.sha256, dropped: undefined })
  }
  staged.done()
}

function kindOf({ path, kind, sha256 }: ManifestMember, rows: ReturnType<typeof memberRows>): Member['kind'] {
  const hasPlace = kind === 'package' || kind === 'metadata'
  return hasPlace && rows.hasOtherContent(path, sha256) ? 'extra' : kind
}
