import { readOpened } from '../repodata/compression.ts'
import { fileName } from '../repodata/updateinfo/packages.ts'
import { findRepo, generations } from '../store/generations.ts'
import { memberRows } from '../store/members.ts'
import type { State } from '../store/state.ts'
import type { Source } from './again.ts'
import { documentsOf } from './documents.ts'

/**
 * What a publish path showed at a time (milliseconds), of what is retained; undefined where it showed nothing yet, or what is
 * gone by now.
 */
export function shownWhen({ database }: Pick<State, 'database'>, path: string, at: number): Source | undefined {
  const repo = findRepo(database, path)
  if (repo === undefined) return undefined
  const generation = generations(database, repo).findLast(
    ({ state, created }) => state === 'published' && created <= at,
  )
  return generation && { path, repo, generation }
}

/** A candidate, and in words why it is not the one that time alone would choose. */
export type Hastened = { source: Source; reason?: string }

/**
 * The newest generation after a source of which every package that came since is named by an advisory of type security in
 * its own updateinfo; the source itself where there is none, with the reason where advisories would have hastened one.
 */
export async function hastened(state: State, source: Source): Promise<Hastened> {
  const later = generations(state.database, source.repo)
    .filter((one) => one.state === 'published' && one.number > source.generation.number)
    .reverse()
  let reason: string | undefined
  for (const generation of later) {
    const { advised, others } = await sinceThen(state, source, { ...source, generation })
    if (advised > 0 && others.length === 0)
      return {
        source: { ...source, generation },
        reason: `security advisories name all ${advised} packages that came since generation ${source.generation.number}`,
      }
    if (advised > 0)
      reason ??= `generation ${generation.number} has ${advised} packages of security advisories, and ${others.length} others such as ${others[0]}: promote it by hand, or wait`
  }
  return { source, ...(reason !== undefined && { reason }) }
}

async function sinceThen(state: State, from: Source, to: Source): Promise<{ advised: number; others: string[] }> {
  const names = await advisedFiles(state, to)
  const others: string[] = []
  let advised = 0
  for (const path of memberRows(state.database, to.repo).packagesSince(from.generation.number, to.generation.number)) {
    if (names.has(fileName(path))) advised++
    else others.push(path)
  }
  return { advised, others }
}

/** The files of packages that advisories of type security name. */
async function advisedFiles({ database, pool }: State, { repo, generation }: Source): Promise<Set<string>> {
  const document = documentsOf({ database, pool }, repo, generation).get('updateinfo')
  if (document === undefined) return new Set()
  const { advisedForSecurity } = await import('../repodata/updateinfo/security.ts')
  const { files, nevras } = await advisedForSecurity(readOpened(document.file, document.record))
  return new Set([...files, ...[...nevras].map((nevra) => `${withoutEpoch(nevra)}.rpm`)])
}

/** A package's file is called by its NEVRA without the epoch. */
function withoutEpoch(nevra: string): string {
  return nevra.replace(/-\d+:(?=[^-]+-[^-]+$)/, '-')
}
