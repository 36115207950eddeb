import { statfsSync } from 'node:fs'
import { bytesText, countText } from '../../amounts.ts'
import type { Config, Repo } from '../../config/repo.ts'
import { MirrorError } from '../../errors.ts'
import { contentRows } from '../../store/content.ts'
import type { State } from '../../store/state.ts'
import type { Manifest, ManifestRepo } from './manifest.ts'
import { originOf } from './origin.ts'
import { shownName } from './tar.ts'

/** A repository of an archive and where it goes. `older`: what is shown was imported from a later generation. */
export type Admitted = { repo: Repo; from: ManifestRepo; older: number | undefined }

/**
 * Decides before a content is read whether an archive can be imported: who takes its repositories, whether it comes from
 * where the last one came from, whether what it follows is here, whether there is room.
 * @throws E_CONFIG, E_ARCHIVE, E_BASE, E_NOSPC
 */
export function admit(
  manifest: Manifest,
  config: Pick<Config, 'repos' | 'file'>,
  state: State,
  acceptOrigin: boolean,
): Admitted[] {
  const targets = targetsOf(manifest, config)
  for (const { repo, from } of targets) if (!acceptOrigin) checkOrigin(manifest, from, repo, state)
  const present = presence(state)
  for (const { from } of targets) checkBase(manifest, from, present)
  checkRoom(manifest, present, state)
  return targets.map((target) => ({ ...target, older: olderThan(manifest, target, state) }))
}

type Target = Pick<Admitted, 'repo' | 'from'>

/** Whether the pool has a content, by its row and its file. */
function presence({ database, pool }: State): (sha256: string) => boolean {
  const rows = contentRows(database)
  return (sha256) => {
    const content = rows.find({ algorithm: 'sha256', hex: sha256 }, undefined)
    return content !== undefined && pool.size(sha256) === content.size
  }
}

function targetsOf({ repos }: Manifest, { repos: configured, file }: Pick<Config, 'repos' | 'file'>): Target[] {
  const takers = Map.groupBy(configured, ({ archive }) => archive)
  const strange = repos.filter(({ path }) => !takers.has(path))
  if (strange.length === 0)
    return repos.flatMap((from) => (takers.get(from.path) as Repo[]).map((repo) => ({ from, repo })))
  const own = strange.find(({ path }) => configured.some((repo) => repo.path === path))
  if (own !== undefined)
    throw new MirrorError('E_CONFIG', `${own.path} has an upstream in ${file}; write archive: yes in its place`)
  const lines = strange.map(({ id, path }) => `${id}: { archive: yes, path: ${path} }`)
  throw new MirrorError(
    'E_CONFIG',
    `${file} has no place for ${named(strange)}; write below repos: ${lines.join('; ')}`,
  )
}

function named(repos: readonly ManifestRepo[]): string {
  return repos.map(({ path }) => path).join(', ')
}

/** Generations of two states have nothing to do with each other, whatever their numbers are. */
function checkOrigin({ state: id }: Manifest, { path }: ManifestRepo, repo: Repo, { database }: State): void {
  const origin = originOf(database, repo.path)
  if (origin === undefined || origin.state === id) return
  throw new MirrorError(
    'E_ARCHIVE',
    `it comes from the state ${shownName(id)}, and ${path} was imported from ${shownName(origin.state)} before; to go over to it: --accept-origin`,
  )
}

/** All that a repository consists of is in the archive or here. */
function checkBase({ contents, base }: Manifest, from: ManifestRepo, isPresent: (sha256: string) => boolean): void {
  const inside = new Set(contents.map(({ sha256 }) => sha256))
  const wanted = new Set([from.generation.repomd, ...from.members.map(({ sha256 }) => sha256)])
  const missing = [...wanted].filter((sha256) => !inside.has(sha256) && !isPresent(sha256))
  if (missing.length === 0) return
  const files = `${countText(missing.length)} of its ${countText(wanted.size)} files`
  if (from.base === null)
    throw new MirrorError('E_ARCHIVE', `${files} of ${from.path} are neither in it nor here; export it again`)
  const generation = `generation ${from.base.number} (repomd.xml ${from.base.repomd.slice(0, 16)}...)`
  const archive = base === null ? 'the archive of that' : `the archive ${shownName(base.name)} of ${base.created}`
  throw new MirrorError(
    'E_BASE',
    `it follows ${generation} of ${from.path}, and ${files} are not here; import ${archive} first`,
  )
}

/** Some is left for the database and what else is written meanwhile. */
const spareBytes = 16 * 1024 * 1024

function checkRoom({ contents }: Manifest, isPresent: (sha256: string) => boolean, { state }: State): void {
  const needed = contents.reduce((sum, { sha256, size }) => (isPresent(sha256) ? sum : sum + size), 0)
  const { bsize, bavail } = statfsSync(state)
  if (needed === 0 || needed + spareBytes <= bavail * bsize) return
  const message = `it needs ${bytesText(needed)}, and ${bytesText(bavail * bsize)} are free below ${state}`
  throw new MirrorError('E_NOSPC', `${message}; free some and import again`)
}

function olderThan({ state: id }: Manifest, { repo, from }: Target, { database }: State): number | undefined {
  const origin = originOf(database, repo.path)
  return origin?.state === id && origin.number > from.generation.number ? origin.number : undefined
}
