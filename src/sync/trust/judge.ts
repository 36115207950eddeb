import { hash } from 'node:crypto'
import type { Repo } from '../../config/repo.ts'
import { MirrorError } from '../../errors.ts'
import { describe } from '../../openpgp/judge.ts'
import { type Verification, verifyDetached } from '../../openpgp/verify.ts'
import { type Accepted, keepAccepted, lastAccepted, writeAccepted } from '../../store/accepted.ts'
import type { Link } from '../../store/chain.ts'
import { readLook } from '../../store/looks.ts'
import type { Mirror } from '../../upstream/mirror.ts'
import { shown } from '../../upstream/transport.ts'
import type { Upstream } from '../../upstream/upstream.ts'
import type { Document } from '../document.ts'
import { type Edition, editionOf } from '../edition.ts'
import { hasRemoteKeys, type KeyReading, openKeyring } from './keyring.ts'
import { linkOf } from './link.ts'
import type { Proof } from './proof.ts'
import { credibly, datedOf, guardRollback, isCredible, timeText } from './rollback.ts'
import { fetchSignature, isIndex, type SignatureFile } from './signatureFile.ts'

/** What judging a repomd.xml takes. */
export type Judging = Omit<KeyReading, 'repo' | 'upstream'> & {
  repo: Repo
  upstream: Upstream
  acceptRollback?: boolean | undefined
}

/** Decides whether a repomd.xml may be believed. */
export type Judge = {
  /** Reads a mirror's document: before a byte of it is interpreted it must be vouched for. @throws E_SIG, E_NOT_REPOMD */
  read: (document: Document, mirror: Mirror) => Promise<Edition>
  /** Whether what was found in the end may be taken. @throws E_ROLLBACK, E_SIG where nothing vouches for it and trust is required */
  admit(edition: Edition): void
  /** What was taken last of this upstream. */
  last(): Accepted | undefined
}

/** The judge of a repository's upstream. */
export function judgeOf(judging: Judging): Judge {
  const { repo, row, state } = judging
  return {
    last: () => lastAccepted(state.database, row, upstreamOf(repo)),
    async read(document, mirror) {
      const { bytes, validators } = document
      return editionOf({ bytes, validators, proof: await proofOf(document, mirror, judging) })
    },
    admit(edition) {
      if (isIndex(repo)) return
      try {
        demandTrust(edition, repo)
        // One without a record says nothing of when it was made, and is refused for that.
        if (edition.repomd.records.length > 0) guard(edition, judging)
      } catch (error) {
        if (!(error instanceof MirrorError)) throw error
        const message = `Cannot take the repomd.xml of ${upstreamOf(repo)}: ${error.message}`
        throw new MirrorError(error.code, message, { cause: error })
      }
    },
  }
}

function demandTrust(edition: Edition, repo: Repo): void {
  if (repo.trust !== 'required' || linkOf(edition, repo).root !== 'none') return
  throw new MirrorError('E_SIG', 'trust is required, and nothing vouches for it; write repo_gpgcheck: yes or https://')
}

async function proofOf(document: Document, mirror: Mirror, judging: Judging): Promise<Proof> {
  const { repo } = judging
  if (isIndex(repo)) return { link: { root: 'local' }, signature: undefined }
  if (repo.repoGpgcheck) return await signed(document, mirror, judging)
  const isHttps = mirror.url.protocol === 'https:' && document.url.protocol === 'https:'
  const isSecure = isHttps && repo.access.tls.verify
  return { link: { root: isSecure ? 'TLS' : 'none', gpgcheck: repo.gpgcheck }, signature: undefined }
}

async function signed({ bytes }: Document, mirror: Mirror, judging: Judging): Promise<Proof> {
  const { repo, upstream, signal } = judging
  const own = { mirrors: upstream.mirrors.only(mirror), transport: upstream.transport }
  const signature = await fetchSignature({}, repo, own, signal)
  if (signature === undefined || signature === 'unchanged')
    throw new MirrorError('E_SIG', 'the upstream has no repomd.xml.asc beside it, and repo_gpgcheck asks for one')
  refuseFormer(signature, hash('sha256', bytes, 'hex'), judging)
  return { link: await verified(bytes, signature, judging), signature }
}

/**
 * In the middle of a publication the signature is still that of the repomd.xml before.
 * @throws E_MOVING
 */
export function refuseFormer(
  { sha256 }: SignatureFile,
  repomd: string,
  { state, row }: Pick<Judging, 'state' | 'row'>,
): void {
  const before = readLook(state.database, row)
  if (before === undefined || before.repomd === repomd || before.files['repodata/repomd.xml.asc']?.sha256 !== sha256)
    return
  throw new MirrorError(
    'E_MOVING',
    'repodata/repomd.xml.asc is still the signature of the repomd.xml before; run again when the upstream has signed the new one',
  )
}

/** One good signature of a key that counts suffices; what else there is, is told. */
async function verified(bytes: Buffer, { bytes: signature }: SignatureFile, judging: Judging): Promise<Link> {
  const { repo, notice } = judging
  const { fingerprints } = repo
  const pins = fingerprints.length > 0 ? fingerprints : undefined
  const attempt = async (isAnew: boolean) => {
    const keyring = await openKeyring(judging, isAnew)
    return { keyring, found: verifyDetached(bytes, signature, keyring, { pins, now: new Date() }) }
  }
  const { keyring, found } = await attempt(false).catch((error: unknown) => {
    const mayBeOld = error instanceof MirrorError && error.code === 'E_SIG' && hasRemoteKeys(repo)
    return mayBeOld ? attempt(true) : Promise.reject(error)
  })
  for (const one of found.ignored) notice('info', `a signature of repomd.xml is passed over: ${describe(one)}`)
  const key = keyring.keys.find(({ fingerprint }) => fingerprint === found.fingerprint)
  return signedLink(found, key?.file, repo)
}

function signedLink(found: Verification, key: string | undefined, { gpgcheck }: Repo): Link {
  const { fingerprint, signingKey, userId, algorithm, created } = found
  return {
    root: 'OpenPGP',
    fingerprint,
    ...(signingKey !== fingerprint && { signingKey }),
    ...(userId !== undefined && { userId }),
    algorithm,
    signed: created.getTime(),
    ...(key !== undefined && { key }),
    gpgcheck,
  }
}

/** What tells an upstream from others of the repo, and from what takes its place in the configuration. */
function upstreamOf({ list, baseurl }: Repo): string {
  return shown(new URL(list?.url ?? (baseurl[0] as string)))
}

function guard({ repomd, sha256 }: Edition, { repo, row, state, acceptRollback, notice }: Judging): void {
  const now = Date.now()
  const dated = datedOf(repomd)
  if (acceptRollback !== true)
    guardRollback(lastAccepted(state.database, row, upstreamOf(repo)), { ...dated, sha256 }, now)
  if (!isCredible(dated.timestamp, now))
    notice(
      'warn',
      `upstream's repomd.xml says it is of ${timeText(dated.timestamp)}, which is to come; that is not believed, and clients are told another time`,
    )
}

type Remembering = Pick<Judging, 'repo' | 'row' | 'state'>

/** Remembers what was taken from one of a repository's upstreams, for the next to be held against. */
export function rememberOne({ repomd, sha256 }: Pick<Edition, 'repomd' | 'sha256'>, of: Remembering): void {
  const { repo, row, state } = of
  const now = Date.now()
  const upstream = upstreamOf(repo)
  const before = lastAccepted(state.database, row, upstream)
  writeAccepted(state.database, row, upstream, { ...credibly(datedOf(repomd), before, now), sha256, at: now })
}

/** The same of a repository, whose upstreams of before are forgotten; those that are merged have been remembered already. */
export function rememberAccepted(edition: Pick<Edition, 'repomd' | 'sha256'>, of: Remembering): void {
  const { repo, row, state } = of
  if (!isIndex(repo)) rememberOne(edition, of)
  const urls = isIndex(repo) ? repo.merge.map((url) => shown(new URL(url))) : [upstreamOf(repo)]
  keepAccepted(state.database, row, urls)
}
