import { createHash } from 'node:crypto'
import type { Repo } from '../config/repo.ts'
import { isShown } from '../publish/publish.ts'
import { repoRow } from '../store/generations.ts'
import { type Look, readLook, type SeenFiles, touchLook, writeLook } from '../store/looks.ts'
import type { State } from '../store/state.ts'
import type { Upstream } from '../upstream/upstream.ts'
import { fetchSnapshot } from './fetchSnapshot.ts'
import { readGroupfile } from './groupfile.ts'
import { findMirrors } from './mirrored/mirrored.ts'
import type { Snapshot } from './snapshot.ts'
import { isTreeinfoSeen, mirrorsTree } from './tree/treeinfo.ts'
import { isSignatureSeen } from './verbatim/companions.ts'

/** Raised whenever the same input would be written in another way, so that what stands is written anew once. */
const writerFormat = 2

/** How the list of mirrors is called among the files that were seen; no path of a file is so. */
const listName = '(mirrors)'

/**
 * Looks whether a repository has anything to do: one conditional request for the upstream's repomd.xml, one for its
 * treeinfo or its signature where that is mirrored, and a comparison of the published directory with what is recorded. Writes nothing but the time of the look.
 * @returns the snapshot to sync to, or undefined when there is nothing to do
 */
export async function look(
  repo: Repo,
  upstream: Upstream,
  state: State,
  signal: AbortSignal,
): Promise<Snapshot | undefined> {
  const row = repoRow(state.database, repo)
  const last = readLook(state.database, row)
  const current =
    last !== undefined && isValid(last, repo) && isShown(state, { repo: row, path: repo.path }) ? last : undefined
  const known = { validators: current?.validators ?? {}, isCurrent: current !== undefined, last: last?.repomd }
  const list = current?.files[listName]
  const snapshot = await fetchSnapshot(upstream, { ...known, list }, repo, signal)
  if (snapshot !== undefined && snapshot.sha256 !== current?.repomd) return snapshot
  if (mirrorsTree(repo) || repo.metadata === 'upstream') await findMirrors(upstream, repo, signal)
  const seen = current?.files ?? {}
  const isSeen =
    (await isTreeinfoSeen(repo, upstream, seen, signal)) && (await isSignatureSeen(repo, upstream, seen, signal))
  if (!isSeen) return snapshot ?? (await fetchSnapshot(upstream, { last: last?.repomd }, repo, signal))
  touchLook(state.database, row)
  return undefined
}

function isValid({ settings, until }: Look, repo: Repo): boolean {
  return settings === settingsOf(repo) && (until === undefined || Date.now() < until)
}

/** A snapshot that was published, with what was seen of the files that nothing vouches for. */
export type PublishedSnapshot = Snapshot & { files: SeenFiles }

/** Remembers what a run has published, for the next look. `until`: when the same input will give another result. */
export function rememberLook(
  repo: Repo,
  { sha256, validators, files, listed }: PublishedSnapshot,
  state: State,
  until: number | undefined,
): void {
  const list = listed?.seen === undefined ? {} : { [listName]: listed.seen }
  const look = { settings: settingsOf(repo), repomd: sha256, validators, until, files: { ...files, ...list } }
  writeLook(state.database, repoRow(state.database, repo), look)
}

/** A hash of everything that the operator says of what is published; how it is fetched does not count. */
function settingsOf(repo: Repo): string {
  const { baseurl, path, selection, duplicates, removed, updateinfo, layout, compression, weakDigests } = repo
  const { databases, readableBy, kickstart, extraFiles, metadata, comps, list } = repo
  const packages = { baseurl, path, selection, duplicates, removed, updateinfo, layout, compression, weakDigests }
  const shaping = { ...packages, databases, readableBy, kickstart, extraFiles, metadata, comps, ...(list && { list }) }
  const settings = [writerFormat, ...Object.values(shaping), readGroupfile(repo)?.toString('base64')]
  return createHash('sha256').update(JSON.stringify(settings)).digest('hex')
}
