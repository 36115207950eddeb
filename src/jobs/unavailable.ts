import type { Repo } from '../config/repo.ts'
import { type Code, MirrorError } from '../errors.ts'

/** How an upstream that cannot be reached fails. */
const unreachable: ReadonlySet<Code> = new Set<Code>([
  'E_CONNECT',
  'E_SLOW',
  'E_TLS',
  'E_HTTP',
  'E_TRUNCATED',
  'E_NO_MIRROR',
])

/**
 * Why a look at an upstream that failed leaves a repository as it is, instead of being a failure: mirrors that all lag behind
 * their list have nothing newer to give, and with `skip_if_unavailable` neither has an upstream that does not answer.
 * Undefined where it is a failure.
 */
export function passedOver(
  error: unknown,
  { mirrored, list }: Pick<Repo, 'mirrored' | 'list'>,
  isPublished: boolean,
): string | undefined {
  if (!(error instanceof MirrorError)) return undefined
  // No mirrorlist says which of its mirrors is right: where all that were asked are older they lag.
  const isLag = error.code === 'E_LAG' || (error.code === 'E_ROLLBACK' && list?.kind === 'mirrorlist')
  if (isLag && isPublished) return `nothing newer can be had: ${error.message}`
  if (mirrored.skipIfUnavailable && unreachable.has(error.code)) return `skip_if_unavailable: ${error.message}`
  return undefined
}
