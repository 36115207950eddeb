import { dirname } from 'node:path'
import { listUrl } from './baseurl.ts'
import { type Layer, setting, written } from './layers.ts'
import { type Mistakes, quoted } from './mistakes.ts'
import type { Mirrored, Repo } from './repo.ts'
import type { Substitute } from './substitute.ts'

/** How mirrors are chosen: dnf's defaults, and three days for what metalink lists of before. */
export function mirroredOf(layers: readonly Layer[]): Mirrored {
  return {
    alternatesMaxAgeMs: setting(layers, 'alternates_max_age') ?? 3 * 86_400_000,
    fastestMirror: setting(layers, 'fastestmirror') ?? false,
    maxDownloadsPerMirror: setting(layers, 'max_downloads_per_mirror'),
    skipIfUnavailable: setting(layers, 'skip_if_unavailable') ?? false,
  }
}

/**
 * The list of a repository's mirrors by dnf's precedence: metalink before mirrorlist, and a mirrorlist with "metalink" in its
 * URL is one (libdnf, Repo.cpp, lrHandleInitRemote). A baseurl beside it is one mirror more, which comes first.
 */
export function listOf(
  own: Layer,
  { trust, repoGpgcheck }: Pick<Repo, 'trust' | 'repoGpgcheck'>,
  substitute: Substitute,
  mistakes: Mistakes,
): Repo['list'] {
  const key = (['metalink', 'mirrorlist'] as const).find((name) => own.keys[name] !== undefined)
  if (key === undefined) return undefined
  if (key === 'metalink' && own.keys.mirrorlist !== undefined) {
    const { place, called } = written(own, 'mirrorlist', '')
    mistakes.warn(place, `${called}: passed over, as dnf does where there is a metalink`)
  }
  const item = written(own, key, own.keys[key] as string)
  const text = substitute(item)
  if (text === undefined) return undefined
  const result = listUrl(text, dirname(item.place.file))
  if (!(result instanceof URL)) {
    mistakes.about(item, `${quoted(text.replace(/\/\/[^/]*@/, '//...@'))} ${result.wrong}`, result.write)
    return undefined
  }
  if (trust === 'required' && result.protocol !== 'https:' && !repoGpgcheck) {
    const what = `trust is required, and ${result.protocol} proves nothing`
    mistakes.about(item, what, 'write https://, or repo_gpgcheck: yes with gpgkey:, or trust: any')
  }
  return { kind: text.includes('metalink') ? 'metalink' : key, url: result.href }
}
