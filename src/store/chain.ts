/** What vouches for metadata, the strongest last. */
export const trustRoots = ['none', 'TLS', 'metalink', 'OpenPGP', 'local'] as const

export type TrustRoot = (typeof trustRoots)[number]

/**
 * How the metadata of one upstream was verified: by a signature of its repomd.xml (fingerprints in lower-case hex, when it
 * was made in milliseconds, the file or URL that the key is of), a metalink that came over TLS, TLS alone, or nothing;
 * `local` is the operator's own disk. `gpgcheck`: whether each package's own signature was asked for, too.
 */
export type Link = {
  root: TrustRoot
  /** Which upstream, where there are several. */
  upstream?: string
  fingerprint?: string
  signingKey?: string
  userId?: string
  algorithm?: string
  signed?: number
  key?: string
  /** The host that the metalink came from. */
  metalink?: string
  gpgcheck?: boolean
}

/** A chain is as strong as its weakest link; several upstreams have several. */
export function weakest(chain: readonly Link[]): Link | undefined {
  const rank = ({ root }: Link) => trustRoots.indexOf(root)
  return chain.reduce<Link | undefined>(
    (least, one) => (least === undefined || rank(one) < rank(least) ? one : least),
    undefined,
  )
}

/** What a table has room for: `OpenPGP 05b555b38483c65d`, `TLS`. */
export function linkText({ root, fingerprint, metalink }: Link): string {
  const which = fingerprint === undefined ? metalink : shortened(fingerprint)
  return which === undefined ? root : `${root} ${which}`
}

/** The key id: the end of a version 4 fingerprint, the beginning of a longer one. */
function shortened(fingerprint: string): string {
  return fingerprint.length === 40 ? fingerprint.slice(-16) : fingerprint.slice(0, 16)
}

/** The same of a generation; one from before chains were recorded has a word alone. */
export function trustText({ chain, trust }: { chain?: readonly Link[] | undefined; trust: string }): string {
  const link = weakest(chain ?? [])
  return link === undefined ? trust : linkText(link)
}
