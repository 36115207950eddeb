import { compatibleSettings } from './compat.ts'
import type { Limit } from './diskKeys.ts'
import { type Layer, setting } from './layers.ts'
import { mirroredOf } from './mirrors.ts'
import type { Repo, Transfer } from './repo.ts'

/** The settings that need neither variables nor further judgement. */
type Plain = Omit<
  Repo,
  | 'id'
  | 'name'
  | 'path'
  | 'baseurl'
  | 'list'
  | 'merge'
  | 'local'
  | 'archive'
  | 'metadata'
  | 'selection'
  | 'extraFiles'
  | 'groupfile'
  | 'access'
  | 'timing'
  | 'hooks'
  | 'trust'
  | 'gpgcheck'
  | 'repoGpgcheck'
  | 'gpgkey'
  | 'fingerprints'
  | 'sign'
  | 'at'
>

const hour = 3_600_000

/** What the strongest layer says, or the default. */
export function plainSettings(layers: readonly Layer[]): Plain {
  return {
    duplicates: setting(layers, 'duplicates') ?? 'keep',
    removed: setting(layers, 'removed') ?? { policy: 'drop' },
    updateinfo: setting(layers, 'updateinfo') ?? 'all',
    comps: setting(layers, 'comps') ?? 'all',
    kickstart: setting(layers, 'kickstart') ?? 'no',
    onMissing: setting(layers, 'on_missing') ?? 'fail',
    layout: setting(layers, 'layout') ?? 'packages',
    ...compatibleSettings(layers),
    moduleHotfixes: setting(layers, 'module_hotfixes') ?? false,
    retainMs: setting(layers, 'retain') ?? 72 * hour,
    retainGenerations: setting(layers, 'retain_generations') ?? 0,
    ...maxDeleteOf(setting(layers, 'max_delete')),
    freshWithinMs: setting(layers, 'fresh_within'),
    staleAfterMs: setting(layers, 'stale_after'),
    weakDigests: setting(layers, 'weak_digests') ?? false,
    maxShrinkPercent: setting(layers, 'max_shrink') ?? 30,
    mirrored: mirroredOf(layers),
    transfer: transferOf(layers),
    // Of the whole configuration, and filled in where that is known.
    disk: { max: undefined, minFree: 0 },
  }
}

function maxDeleteOf(said: Limit | undefined): Pick<Repo, 'maxDelete'> {
  return { maxDelete: said === 'no' ? undefined : (said ?? { percent: 30 }) }
}

/** dnf's defaults, save for max_parallel_downloads (dnf: 3) and retry_delay, which dnf does not have. */
function transferOf(layers: readonly Layer[]): Transfer {
  return {
    maxParallelDownloads: setting(layers, 'max_parallel_downloads') ?? 16,
    retries: setting(layers, 'retries') ?? 10,
    timeoutMs: setting(layers, 'timeout') ?? 30_000,
    minrate: setting(layers, 'minrate') ?? 1000,
    retryDelayMs: setting(layers, 'retry_delay') ?? 1000,
    userAgent: setting(layers, 'user_agent'),
    throttle: throttleOf(layers),
  }
}

function throttleOf(layers: readonly Layer[]): Transfer['throttle'] {
  const throttle = setting(layers, 'throttle')
  return throttle !== undefined && 'unlimited' in throttle ? undefined : throttle
}
