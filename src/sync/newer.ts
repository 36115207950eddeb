import type { Repomd } from '../repodata/repomd.ts'

/**
 * Which of two repomd.xml of a repository is the newer one: above 0 for the first, below 0 for the second. By their revisions
 * where both are whole numbers, as createrepo_c writes them, otherwise by their newest records' timestamps.
 */
export function compareAges(a: Repomd, b: Repomd): number {
  const [one, other] = [revisionOf(a), revisionOf(b)]
  if (one !== undefined && other !== undefined && one !== other) return one - other
  return newestRecord(a) - newestRecord(b)
}

function revisionOf({ revision }: Repomd): number | undefined {
  return /^\d{1,15}$/.test(revision) ? Number(revision) : undefined
}

function newestRecord({ records }: Repomd): number {
  return records.reduce((newest, { timestamp }) => Math.max(newest, timestamp), 0)
}
