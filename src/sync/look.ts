import { createHash } from 'node:crypto'
import type { Repo } from '../config/repo.ts'
import type { Emit } from '../events.ts'
import { isShown } from '../publish/publish.ts'
import { signingKeyId } from '../publish/sign.ts'
import { repoRow } from '../store/generations.ts'
import { type Look, readLook, type SeenFiles, touchLook, type Validators, writeLook } from '../store/looks.ts'
import type { State } from '../store/state.ts'
import type { Upstream } from '../upstream/upstream.ts'
import type { Edition } from './edition.ts'
import { fetchEdition } from './fetchEdition.ts'
import { readGroupfile } from './groupfile.ts'
import { findMirrors } from './mirrored/mirrored.ts'
import { isTreeinfoSeen, mirrorsTree } from './tree/treeinfo.ts'
import { judgeOf } from './trust/judge.ts'
import { keyFileIds } from './trust/keyring.ts'
import { isSignatureSeen, readsSignature, type SignatureFile, signaturePath } from './trust/signatureFile.ts'

/** Raised whenever the same input would be written in another way, so that what stands is written anew once. */
const writerFormat = 2

/** How the list of mirrors is called among the files that were seen; no path of a file is so. */
const listName = '(mirrors)'

/** Before the URL of a mirror, what it said of repomd.xml. */
const atMirror = '(mirror) '

/** What a look may use, and what it was told besides the configuration. */
export type Looking = {
  state: State
  emit: Emit
  signal: AbortSignal
  acceptRollback?: boolean | undefined
}

/**
 * Looks whether a repository has anything to do: one conditional request for the upstream's repomd.xml, one for its
 * treeinfo or its signature where that is mirrored or asked for, and a comparison of the published directory with what is recorded. Writes nothing but the time of the look.
 * @returns the edition to sync to, or undefined when there is nothing to do
 */
export async function look(
  repo: Repo,
  upstream: Upstream,
  { state, signal, emit, acceptRollback }: Looking,
): Promise<Edition | undefined> {
  const row = repoRow(state.database, repo)
  const notice = (level: 'info' | 'warn', message: string) => emit({ type: 'notice', repo: repo.id, level, message })
  const judge = judgeOf({ repo, row, upstream, state, signal, notice, acceptRollback })
  const last = readLook(state.database, row)
  const current =
    last !== undefined && isValid(last, repo) && isShown(state, { repo: row, path: repo.path }) ? last : undefined
  const known = { validators: current?.validators ?? {}, isCurrent: current !== undefined, last: last?.repomd }
  const files = current?.files ?? {}
  const mirrors = { list: files[listName], at: seenAt(files) }
  const edition = await fetchEdition(upstream, { ...known, ...mirrors }, repo, signal, judge)
  if (edition !== undefined && edition.sha256 !== current?.repomd) return edition
  if (mirrorsTree(repo) || readsSignature(repo)) await findMirrors(upstream, repo, signal)
  const isSigned = async () => {
    const read = edition?.proof.signature
    return read === undefined ? await isSignatureSeen(repo, upstream, files, signal) : isSame(read, files)
  }
  const isSeen = (await isTreeinfoSeen(repo, upstream, files, signal)) && (await isSigned())
  if (!isSeen) return edition ?? (await fetchEdition(upstream, { last: last?.repomd }, repo, signal, judge))
  touchLook(state.database, row)
  return undefined
}

/** What mirrors of a list said of the repomd.xml that is published, by their URLs. */
function seenAt(files: SeenFiles): Record<string, Validators> {
  const seen = Object.entries(files).filter(([name]) => name.startsWith(atMirror))
  return Object.fromEntries(seen.map(([name, { validators }]) => [name.slice(atMirror.length), validators]))
}

function isSame({ sha256 }: SignatureFile, seen: SeenFiles): boolean {
  return seen[signaturePath]?.sha256 === sha256
}

function isValid({ settings, until }: Look, repo: Repo): boolean {
  return settings === settingsOf(repo) && (until === undefined || Date.now() < until)
}

/** An edition that was published, with what was seen of the files that nothing vouches for. */
export type PublishedEdition = Edition & { files: SeenFiles }

/** Remembers what a run has published, for the next look. `until`: when the same input will give another result. */
export function rememberLook(
  repo: Repo,
  { sha256, validators, files, listed, proof }: PublishedEdition,
  state: State,
  until: number | undefined,
): void {
  const list = listed?.seen === undefined ? {} : { [listName]: listed.seen }
  const { signature: read } = proof
  const signature = read === undefined ? {} : { [signaturePath]: { sha256: read.sha256, validators: read.validators } }
  const at = Object.entries(listed?.at ?? {}).map(([url, of]) => [`${atMirror}${url}`, { sha256, validators: of }])
  const seen = { ...files, ...signature, ...list, ...Object.fromEntries(at) }
  const look = { settings: settingsOf(repo), repomd: sha256, validators, until, files: seen }
  writeLook(state.database, repoRow(state.database, repo), look)
}

/** A hash of everything that the operator says of what is published; how it is fetched does not count. */
function settingsOf(repo: Repo): string {
  const { baseurl, path, selection, duplicates, removed, updateinfo, layout, compression, weakDigests } = repo
  const { databases, readableBy, kickstart, extraFiles, metadata, comps, list } = repo
  const { trust, gpgcheck, repoGpgcheck, gpgkey, fingerprints, sign } = repo
  const packages = { baseurl, path, selection, duplicates, removed, updateinfo, layout, compression, weakDigests }
  const shaping = { ...packages, databases, readableBy, kickstart, extraFiles, metadata, comps, ...(list && { list }) }
  const keys = keyFileIds(gpgkey)
  const trusting = { trust, gpgcheck, repoGpgcheck, gpgkey, keys, fingerprints, sign, key: sign && signingKeyId(sign) }
  const settings = [writerFormat, ...Object.values(shaping), trusting, readGroupfile(repo)?.toString('base64')]
  return createHash('sha256').update(JSON.stringify(settings)).digest('hex')
}
