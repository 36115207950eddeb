import { compareVersions } from '../rpm/evr.ts'

/** The rows of a stream's artifacts, by the stream's versions: those of all contexts of a version together. */
export type StreamVersions = Map<string, Set<number>>

/** What the modules documents of a repository say of the packages in its table; keys are `name:stream`. */
export type Streams = ReadonlyMap<string, StreamVersions>

/** All rows that any stream has. */
export function listedRows(streams: Streams): Set<number> {
  const listed = new Set<number>()
  for (const versions of streams.values()) for (const rows of versions.values()) for (const row of rows) listed.add(row)
  return listed
}

/**
 * The rows that stay of a stream, by dnf 4's rule (dnf-plugins-core, reposync.py, `_get_latest`), for which `keep` is 1:
 * all artifacts of the stream's `keep` newest versions, and of each version that is the highest to hold one of the `keep`
 * newest packages of a name and arch, since an older version may have a newer package. `newestOf` picks these of rows.
 */
export function newestOfStream(
  versions: StreamVersions,
  wanted: ReadonlySet<number>,
  keep: number,
  newestOf: (rows: number[]) => number[],
): number[] {
  const descending = [...versions].sort(([a], [b]) => compareVersions(b, a))
  const highest = new Map<number, string>()
  for (const [version, rows] of descending)
    for (const row of rows) if (wanted.has(row) && !highest.has(row)) highest.set(row, version)
  const taken = new Set(descending.slice(0, keep).map(([version]) => version))
  for (const row of newestOf([...highest.keys()])) taken.add(highest.get(row) as string)
  return descending.flatMap(([version, rows]) => (taken.has(version) ? [...rows].filter((row) => wanted.has(row)) : []))
}
