import { knownArches } from '../arch.ts'
import type { Repo } from '../config/repo.ts'
import { buildTime } from '../config/units.ts'
import { MirrorError } from '../errors.ts'

/** Options of `sync` that take the place of the configuration's for one run. */
export type Overriding = {
  newestOnly?: boolean
  arch?: string[]
  source?: boolean
  /** As it is written in the configuration. */
  minBuildtime?: string
  delete?: boolean
}

/** The repositories as one run is to see them, and in words what that changes; undefined where it changes nothing. */
export function override(repos: readonly Repo[], given: Overriding): { repos: Repo[]; overrides: string | undefined } {
  checkArches(given.arch ?? [])
  checkBuildTime(given.minBuildtime)
  const changed = repos.map((repo) => overrideOne(repo, given))
  const differs = changed.some((repo, i) => JSON.stringify(repo) !== JSON.stringify(repos[i]))
  return { repos: changed, overrides: differs ? inWords(given) : undefined }
}

function overrideOne(repo: Repo, { newestOnly, arch, source, minBuildtime, delete: drop }: Overriding): Repo {
  const selection = {
    ...repo.selection,
    ...(newestOnly && { newestOnly, keep: 1 }),
    ...(arch && { arch: [...new Set([...arch, 'noarch'])] }),
    ...(source && { source: 'only' as const }),
    ...(minBuildtime !== undefined && { minBuildTime: buildTime.read(minBuildtime) }),
  }
  return { ...repo, selection, ...(drop && { removed: { policy: 'drop' as const } }) }
}

function inWords({ newestOnly, arch, source, minBuildtime, delete: drop }: Overriding): string {
  const words = [
    newestOnly && '--newest-only',
    arch && `--arch ${arch.join(',')}`,
    source && '--source',
    minBuildtime && `--min-buildtime ${minBuildtime}`,
    drop && '--delete',
  ]
  return words.filter(Boolean).join(' ')
}

function checkBuildTime(given: string | undefined): void {
  if (given !== undefined && buildTime.read(given) === undefined)
    throw new MirrorError('E_USAGE', `--min-buildtime ${given}: ${buildTime.is} expected; ${buildTime.write}`)
}

function checkArches(arches: readonly string[]): void {
  const unknown = arches.find((arch) => !knownArches.has(arch))
  if (unknown !== undefined)
    throw new MirrorError('E_USAGE', `--arch ${unknown}: no such arch; x86_64, aarch64, i686, noarch are some`)
}
