import { setTimeout as sleep } from 'node:timers/promises'
import { difference } from '../digest.ts'
import { fromSystem, MirrorError } from '../errors.ts'
import type { Content, ContentRows } from '../store/content.ts'
import { PartFile, partPath, release } from '../store/part.ts'
import type { Pool } from '../store/pool.ts'
import { failover, NowhereError, type Try } from '../upstream/failover.ts'
import { isGone, parseRetryAfter, type RetryPolicy, StatusError } from '../upstream/retry.ts'
import { header, type ResponseHead, shown, statusError, type Transport } from '../upstream/transport.ts'
import { isAbandoned } from './abandoned.ts'
import { Checking } from './gpgcheck/checking.ts'
import { urlsAt } from './location.ts'
import type { Reflink } from './reflink.ts'
import type { Wanted } from './wanted.ts'

declare const verified: unique symbol
/** A content whose bytes were compared with the digest that the metadata names; only `downloader` makes one. */
export type Verified = Content & { readonly [verified]: true; fetched: number }

/** A fetch that failed for good. `moved`: as it does when the upstream has changed under us. */
export class FetchError extends MirrorError {
  readonly moved: boolean
  /** The file that was wanted. */
  readonly what: string

  /** @param place where it is; undefined where the cause says it */
  constructor(what: string, place: URL | 'the pool' | undefined, cause: MirrorError) {
    const isToldThere = cause instanceof NowhereError || place === undefined
    const from = isToldThere ? '' : `${place instanceof URL ? shown(place) : place}: `
    const verb = cause.code.startsWith('E_RPM') || cause.code === 'E_NEVRA' ? 'take' : 'fetch'
    super(cause.code, `Cannot ${verb} ${what} from ${from}${cause.message}`, { cause })
    this.what = what
    this.moved = cause.code === 'E_CHECKSUM' || cause.code === 'E_SIZE' || isGone(cause)
  }
}

export type DownloadContext = {
  pool: Pool
  rows: ContentRows
  /** The state's tmp/ folder. */
  tmp: string
  transport: Transport
  policy: RetryPolicy
  signal: AbortSignal
  /** Tried before the transport. */
  reflink?: Reflink | undefined
  /** Called with the number of bytes whenever some arrive. */
  received: (bytes: number) => void
}

/** Files without a stated size are not read beyond this, unless they have a limit of their own. */
const maxUnstatedSize = 1024 ** 3

/** How often to look whether another process has finished the file that it claims, in milliseconds. */
const claimPollMs = 100

/** After so many looks, and so many again, the claim's process is looked for too. */
const looksPerSearch = 20

/** Brings files into the pool. */
export type Downloader = ReturnType<typeof downloader>

export function downloader(context: DownloadContext) {
  const { pool, rows, tmp, signal } = context

  return {
    /** The content, where its row vouches for it and its file is there, and its signature was checked if that is asked for. */
    present({ digest, size, gpgcheck }: Pick<Wanted, 'digest' | 'size' | 'gpgcheck'>): Content | undefined {
      const content = rows.find(digest, size)
      if (content === undefined || pool.size(content.sha256) !== content.size) return undefined
      return gpgcheck === undefined || gpgcheck.isChecked(content.sha256) ? content : undefined
    },

    /**
     * The file in the pool, verified: hashed where it is there without a row, otherwise fetched. Across processes
     * each file is fetched once.
     */
    async download(wanted: Wanted): Promise<Verified> {
      const path = partPath(tmp, wanted.digest)
      const wait = () => sleep(claimPollMs, undefined, { signal }).catch(() => signal.throwIfAborted())
      for (let looks = 1; ; looks++) {
        const there = await unrecorded(wanted, context)
        if (there !== undefined) return there
        const checking = wanted.gpgcheck && new Checking(wanted.gpgcheck)
        const part = PartFile.claim(path, wanted.digest, checking)
        if (part !== undefined) return await fetchPart(wanted, part, checking, context)
        await wait()
        if (looks % looksPerSearch === 0) await releaseAbandoned(path, wait)
      }
    },
  }
}

/** Whoever finishes a file closes it an instant before it has its name in the pool, so it is looked at twice. */
async function releaseAbandoned(path: string, wait: () => Promise<void>): Promise<void> {
  if (!isAbandoned(path)) return
  await wait()
  if (isAbandoned(path)) release(path)
}

/**
 * A file of the pool that a run left there before its row was written, or whose row another process writes now, or whose
 * signature was not checked yet.
 */
async function unrecorded(wanted: Wanted, { pool, rows }: DownloadContext): Promise<Verified | undefined> {
  const { digest, size, gpgcheck } = wanted
  const sha256 = rows.sha256Of(digest)
  const bytes = sha256 === undefined ? undefined : pool.size(sha256)
  if (sha256 === undefined || bytes === undefined || (size !== undefined && bytes !== size)) return undefined
  const checking = gpgcheck && new Checking(gpgcheck)
  if (!(await pool.isIntact(sha256, (chunk) => checking?.update(chunk)))) return undefined
  try {
    checking?.finish(sha256)
  } catch (error) {
    throw error instanceof MirrorError ? new FetchError(wanted.what, 'the pool', error) : error
  }
  return vouch({ sha256, size: bytes, digest }, 0)
}

/** Whether the way to the file failed and not the file, so that what came of it is worth keeping. */
function isOfTheWay(error: unknown): boolean {
  return error instanceof MirrorError && ['E_SLOW', 'E_TRUNCATED', 'E_CONNECT', 'E_HTTP'].includes(error.code)
}

async function fetchPart(
  wanted: Wanted,
  part: PartFile,
  checking: Checking | undefined,
  context: DownloadContext,
): Promise<Verified> {
  const { policy, pool, signal } = context
  const { mirrors, location } = wanted.where
  let url: URL | undefined
  let fetched = 0
  const attempt = (one: Try) => {
    url = one.url
    return receive(wanted, one, part, context, (bytes) => {
      fetched += bytes
    })
  }
  try {
    const asking = { mirrors, urlsAt: (mirror: URL) => urlsAt(location, mirror), policy, signal }
    const sha256 = await failover(asking, attempt)
    checking?.finish(sha256)
    part.close()
    pool.adopt(part.path, sha256)
    return vouch({ sha256, size: part.bytes, digest: wanted.digest }, fetched)
  } catch (error) {
    part.giveUp(signal.aborted || isOfTheWay(error))
    const failure = fromSystem(error, `Cannot write ${part.path}`)
    throw failure instanceof MirrorError && !signal.aborted ? new FetchError(wanted.what, url, failure) : failure
  }
}

/** One try: the rest of the file where a part is there and the server goes along, otherwise the whole; then compared. */
async function receive(
  wanted: Wanted,
  { url, signal, received: measured }: Try,
  part: PartFile,
  { transport, reflink, received }: DownloadContext,
  count: (bytes: number) => void,
): Promise<string> {
  const linked = `${part.path}.linked`
  if (reflink?.(url, linked) === true) {
    part.takeOver(linked)
    count(part.bytes)
    received(part.bytes)
    if (wanted.size !== undefined && part.bytes !== wanted.size)
      throw new MirrorError('E_SIZE', `size expected ${wanted.size}, found ${part.bytes}`)
    return compare(wanted, part, false)
  }
  const resumed = part.bytes > 0
  const limit = wanted.size ?? wanted.limit ?? maxUnstatedSize
  if (!resumed || part.bytes !== wanted.size)
    await transport(
      { url, signal, ...(resumed && { headers: { range: `bytes=${part.bytes}-` } }) },
      {
        head(head) {
          checkStatus(head)
          if (!continues(head, part.bytes, wanted.size)) part.restart()
          checkRange(head, part.bytes, wanted.size)
        },
        data(chunk) {
          count(chunk.length)
          measured(chunk.length)
          received(chunk.length)
          if (part.bytes + chunk.length > limit) {
            part.restart()
            throw new MirrorError('E_SIZE', `size expected ${limit}, more was sent`)
          }
          part.append(chunk)
        },
      },
    )
  return compare(wanted, part, resumed)
}

/** Whether the answer continues the part: a 206 for exactly the bytes that are missing. */
function continues(head: ResponseHead, from: number, size: number | undefined): boolean {
  if (from === 0 || head.status !== 206) return false
  const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(header(head, 'content-range') ?? '')
  return range !== null && Number(range[1]) === from && (size === undefined || Number(range[3]) === size)
}

function checkStatus(head: ResponseHead): void {
  if (head.status === 200 || head.status === 206 || head.status === 416) return
  throw new StatusError(statusError(head).message, head.status, parseRetryAfter(header(head, 'retry-after')))
}

/** Refuses before the body what the head already shows to be wrong. */
function checkRange(head: ResponseHead, from: number, size: number | undefined): void {
  if ((head.status === 206 && from === 0) || head.status === 416)
    throw new MirrorError('E_TRUNCATED', `HTTP status ${head.status} for a range that does not fit`)
  const length = header(head, 'content-length')
  if (size !== undefined && length !== undefined && Number(length) !== size - from)
    throw new MirrorError('E_SIZE', `size expected ${size - from}, announced ${length}`)
}

async function compare(wanted: Wanted, part: PartFile, resumed: boolean): Promise<string> {
  if (wanted.size !== undefined && part.bytes < wanted.size)
    throw new MirrorError('E_TRUNCATED', `size expected ${wanted.size}, the body ended after ${part.bytes}`)
  const { stated, sha256 } = await part.finish(wanted.fileTime)
  if (stated.hex === wanted.digest.hex) return sha256
  part.restart()
  // The part may have been of another version of the file: the whole is asked for once more.
  const code = resumed ? 'E_TRUNCATED' : 'E_CHECKSUM'
  throw new MirrorError(code, difference(wanted.digest, stated))
}

function vouch(content: Content, fetched: number): Verified {
  return { ...content, fetched } as Verified
}
