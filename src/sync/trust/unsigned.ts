import type { Repo } from '../../config/repo.ts'
import { MirrorError } from '../../errors.ts'
import { shown } from '../../upstream/transport.ts'
import type { Upstream } from '../../upstream/upstream.ts'

/**
 * Sees that what no repomd.xml names, such as a treeinfo, comes over TLS where trust is required: no signature says anything
 * of it.
 * @throws E_SIG
 */
export function demandSafeWay(
  path: string,
  { repo: { trust, access }, upstream }: { repo: Pick<Repo, 'trust' | 'access'>; upstream: Pick<Upstream, 'mirrors'> },
): void {
  if (trust !== 'required') return
  const unsafe = upstream.mirrors.urls.find(({ protocol }) => protocol !== 'https:' || !access.tls.verify)
  if (unsafe === undefined) return
  const advice = 'mirror from https:// alone, or write kickstart: no and no extra_files'
  throw new MirrorError('E_SIG', `trust is required, and nothing vouches for ${path} from ${shown(unsafe)}; ${advice}`)
}
