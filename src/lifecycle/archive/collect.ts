import type { Repo } from '../../config/repo.ts'
import { MirrorError } from '../../errors.ts'
import { type Database, getMeta } from '../../store/database.ts'
import { currentGeneration, findRepo, type Generation, generations } from '../../store/generations.ts'
import type { Manifest, ManifestMember, ManifestRepo } from './manifest.ts'
import type { Since } from './since.ts'

/** What an archive is to hold: its manifest, without the bytes of anything yet. */
export type Collected = Pick<Manifest, 'state' | 'base' | 'repos' | 'contents'>

/**
 * Looks up what repositories show now, and which contents of it an archive needs: all of them, or those that its base
 * lacks. Reads only.
 * @throws E_USAGE for a repository that was never published, or a base that is not retained
 */
export function collect(repos: readonly Repo[], since: Since | undefined, database: Database): Collected {
  const known = new Set<string>(since?.type === 'archive' ? since.contents : [])
  const collected = repos.map((repo) => collectRepo(repo, since, database, known))
  return {
    state: getMeta(database, 'id') as string,
    base: since?.type === 'archive' ? since.archive : null,
    repos: collected,
    contents: contentsOf(collected, known),
  }
}

/** One repository; the contents that its base has are added to `known`. */
function collectRepo(repo: Repo, since: Since | undefined, database: Database, known: Set<string>): ManifestRepo {
  const row = findRepo(database, repo.path)
  const current = row === undefined ? undefined : currentGeneration(database, row)
  if (row === undefined || current === undefined)
    throw new MirrorError('E_USAGE', `nothing is published yet: mirror sync ${repo.id}`, { repo: repo.id })
  const { number, repomd, revision, timestamp, created, packages, bytes, upstreamPackages, trust } = current
  const generation = {
    number,
    repomd,
    repomdSize: sizeOf(database, repomd),
    revision,
    timestamp,
    created: new Date(created).toISOString(),
    packages,
    bytes,
    upstreamPackages,
    trust,
  }
  const base = baseOf(repo, row, since, database)
  if (since?.type === 'generation' && base !== null) {
    known.add(base.repomd)
    for (const { sha256 } of membersOf(database, row, base.number)) known.add(sha256)
  }
  const { id, path, name = id } = repo
  return { id, path, name, generation, base, members: [...membersOf(database, row, number)] }
}

function baseOf({ id, path }: Repo, row: number, since: Since | undefined, database: Database): ManifestRepo['base'] {
  if (since === undefined) return null
  if (since.type === 'archive') return since.generations.get(path) ?? null
  const retained = generations(database, row).filter(({ state }) => state === 'published')
  const found = retained.find(({ number }) => number === since.number)
  if (found !== undefined) return { number: found.number, repomd: found.repomd }
  const there = retained.map(({ number }) => number).join(', ')
  throw new MirrorError(
    'E_USAGE',
    `--since ${since.number}: that generation is not retained (${there}); name the archive that it was exported to`,
    { repo: id },
  )
}

function* membersOf(database: Database, repo: number, generation: Generation['number']): Generator<ManifestMember> {
  const sql = `SELECT m.path, m.kind, m.sha256, c.size FROM member AS m LEFT JOIN content AS c USING (sha256)
    WHERE m.repo = :repo AND m.first <= :generation AND (m.last IS NULL OR m.last >= :generation) ORDER BY m.path`
  for (const row of database.prepare(sql).iterate({ repo, generation })) {
    const { path, kind, size } = row as Pick<ManifestMember, 'path' | 'kind'> & { size: number | null }
    const sha256 = Buffer.from(row.sha256 as Uint8Array).toString('hex')
    if (size === null) throw lost(path)
    yield { path, kind, sha256, size }
  }
}

function sizeOf(database: Database, sha256: string): number {
  const row = database.prepare('SELECT size FROM content WHERE sha256 = ?').get(Buffer.from(sha256, 'hex'))
  if (row === undefined) throw lost('repodata/repomd.xml')
  return row.size as number
}

/** The content of a published file was found damaged, and its row taken back. */
function lost(path: string): MirrorError {
  return new MirrorError('E_IO', `Cannot export ${path}: the pool has it no more; mirror sync brings it back`)
}

/** Each content once, in the order in which repositories name them. */
function contentsOf(repos: readonly ManifestRepo[], known: ReadonlySet<string>): Manifest['contents'] {
  const sizes = new Map<string, number>()
  for (const { generation, members } of repos) {
    for (const { sha256, size } of members) if (!known.has(sha256)) sizes.set(sha256, size)
    if (!known.has(generation.repomd)) sizes.set(generation.repomd, generation.repomdSize)
  }
  return [...sizes].map(([sha256, size]) => ({ sha256, size }))
}
