/** Differences that may be: lines of `compareMetadata` that match, and why. */
export interface Accepted {
  reason: string
  matches: RegExp
  /** Versions of createrepo_c that differ so, in the words of `createrepo_c --version`; default all. */
  versions?: RegExp
}

/** What may differ between our metadata and createrepo_c's whatever the packages are. */
export const accepted: Accepted[] = [
  {
    reason: 'the time of the run, where no revision is given',
    matches: /^repomd\/revision: ours "1\d{9}", theirs "1\d{9}"$/,
  },
  {
    reason: 'one algorithm with two names: sha is the one that yum 3 knows',
    matches: /(@type|\.checksum_type): ours "sha", theirs "sha1"$/,
  },
  {
    reason: 'rpm 4 adds to a package of format 3 that it provides itself; rpm 6, of newer distributions, does not',
    matches: /^primary: \S+\/format: only ours: <rpm:provides><rpm:entry>$/,
    versions: /^[1-9]/,
  },
  {
    reason: 'a note of ours for the next update, which then need not read the metadata',
    matches: /^repodata: only ours, not in repomd\.xml: \.listing$/,
  },
]

/** Takes away what is accepted. */
export function unaccepted(lines: string[], version: string, list: Accepted[] = accepted): string[] {
  const known = list.filter(({ versions }) => versions?.test(version) ?? true)
  return lines.filter((line) => !known.some(({ matches }) => matches.test(line)))
}
