import type { Repo } from '../config/repo.ts'
import { MirrorError } from '../errors.ts'
import type { Generation } from '../store/generations.ts'

/** Fewer packages than this may go at once without a question, whatever share of the whole they are. */
const smallLoss = 20

/** Holds an edition that lost most of the upstream's packages: more likely a broken upstream than an intended one. */
export function guardShrink(current: Generation | undefined, packages: number, { maxShrinkPercent }: Repo): void {
  if (current === undefined) return
  const lost = current.upstreamPackages - packages
  if (lost < smallLoss || lost * 100 <= current.upstreamPackages * maxShrinkPercent) return
  const message = `the upstream went from ${current.upstreamPackages} packages to ${packages}, more than max_shrink=${maxShrinkPercent}% fewer`
  throw new MirrorError('E_SHRINK', `${message}; held: run with --accept-shrink if that is intended`)
}
