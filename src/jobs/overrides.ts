import { knownArches } from '../arch.ts'
import type { Repo } from '../config/repo.ts'
import { MirrorError } from '../errors.ts'

/** Options of `sync` that take the place of the configuration's for one run. */
export type Overriding = { newestOnly?: boolean; arch?: string[]; source?: boolean; delete?: boolean }

/** The repositories as one run is to see them, and in words what that changes; undefined where it changes nothing. */
export function override(repos: readonly Repo[], given: Overriding): { repos: Repo[]; overrides: string | undefined } {
  checkArches(given.arch ?? [])
  const changed = repos.map((repo) => overrideOne(repo, given))
  const differs = changed.some((repo, i) => JSON.stringify(repo) !== JSON.stringify(repos[i]))
  return { repos: changed, overrides: differs ? inWords(given) : undefined }
}

function overrideOne(repo: Repo, { newestOnly, arch, source, delete: drop }: Overriding): Repo {
  const selection = {
    ...repo.selection,
    ...(newestOnly && { newestOnly, keep: 1 }),
    ...(arch && { arch: [...new Set([...arch, 'noarch'])] }),
    ...(source && { source: 'only' as const }),
  }
  return { ...repo, selection, ...(drop && { removed: { policy: 'drop' as const } }) }
}

function inWords({ newestOnly, arch, source, delete: drop }: Overriding): string {
  return [newestOnly && '--newest-only', arch && `--arch ${arch.join(',')}`, source && '--source', drop && '--delete']
    .filter(Boolean)
    .join(' ')
}

function checkArches(arches: readonly string[]): void {
  const unknown = arches.find((arch) => !knownArches.has(arch))
  if (unknown !== undefined)
    throw new MirrorError('E_USAGE', `--arch ${unknown}: no such arch; x86_64, aarch64, i686, noarch are some`)
}
