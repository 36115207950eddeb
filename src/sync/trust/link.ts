import type { Repo } from '../../config/repo.ts'
import type { Link } from '../../store/chain.ts'
import type { Edition } from '../edition.ts'

/** What vouches for an edition: its signature, or the metalink that names it and came over TLS, or the way that it came. */
export function linkOf(
  { proof: { link }, listed }: Pick<Edition, 'proof' | 'listed'>,
  { access }: Pick<Repo, 'access'>,
): Link {
  const { host, isSecure } = listed?.vouched ?? {}
  if (isSecure !== true || host === undefined || !access.tls.verify) return link
  return { ...link, root: link.root === 'OpenPGP' ? 'OpenPGP' : 'metalink', metalink: host }
}
