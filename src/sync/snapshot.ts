import { createHash } from 'node:crypto'
import { MirrorError } from '../errors.ts'
import { parseRepomd, type Repomd } from '../repodata/repomd.ts'
import { parseRetryAfter, type RetryPolicy, StatusError, withRetry } from '../upstream/retry.ts'
import { header, type ResponseHead, shown, statusError } from '../upstream/transport.ts'
import type { Upstream } from '../upstream/upstream.ts'

/** One upstream repomd.xml: everything that a run takes from the upstream is named by it, directly or not. */
export type Snapshot = { bytes: Buffer; sha256: string; repomd: Repomd; validators: Validators }

/** What the server said that lets the next look be a conditional request; empty where it said nothing. */
export type Validators = { etag?: string; lastModified?: string }

const maxRepomdBytes = 16 * 1024 * 1024

/**
 * Fetches repomd.xml; undefined when the server says that it is what the validators name.
 * @throws E_NOT_REPOMD for anything else sent in its place
 */
export async function fetchSnapshot(
  upstream: Upstream,
  known: Validators,
  policy: RetryPolicy,
  signal: AbortSignal,
): Promise<Snapshot | undefined> {
  const urls = upstream.bases.map((base) => new URL('repodata/repomd.xml', base))
  let url = urls[0] as URL
  try {
    const answer = await withRetry(
      policy,
      signal,
      (tries) => {
        url = urls[(tries - 1) % urls.length] as URL
        return request(upstream, url, known, signal)
      },
      urls.length,
    )
    return answer && { ...answer, ...read(answer.bytes) }
  } catch (error) {
    if (!(error instanceof MirrorError) || signal.aborted) throw error
    throw new MirrorError(error.code, `Cannot fetch ${shown(url)}: ${error.message}`, { cause: error })
  }
}

/** A snapshot of bytes that another process fetched. */
export function snapshotOf(bytes: Buffer, validators: Validators): Snapshot {
  return { bytes, validators, ...read(bytes) }
}

function read(bytes: Buffer): Pick<Snapshot, 'sha256' | 'repomd'> {
  return { sha256: createHash('sha256').update(bytes).digest('hex'), repomd: parseRepomd(bytes) }
}

type Answer = { bytes: Buffer; validators: Validators }

async function request(
  { transport }: Upstream,
  url: URL,
  known: Validators,
  signal: AbortSignal,
): Promise<Answer | undefined> {
  const headers = {
    ...(known.etag && { 'if-none-match': known.etag }),
    ...(known.lastModified && { 'if-modified-since': known.lastModified }),
  }
  const chunks: Buffer[] = []
  let size = 0
  let answer: ResponseHead | undefined
  await transport(
    { url, headers, signal },
    {
      head(head) {
        answer = head
        checkStatus(head, Object.keys(headers).length > 0)
      },
      data(chunk) {
        size += chunk.length
        if (size > maxRepomdBytes) throw new MirrorError('E_LIMIT', `more than ${maxRepomdBytes} bytes were sent`)
        chunks.push(chunk)
      },
    },
  )
  const head = answer as unknown as ResponseHead
  if (head.status === 304) return undefined
  checkLength(head, size)
  return { bytes: Buffer.concat(chunks), validators: validatorsOf(head) }
}

/** A 304 that nobody asked for proves nothing (apt's CVE-2014-0487). */
function checkStatus(head: ResponseHead, conditional: boolean): void {
  if (head.status === 200 || (head.status === 304 && conditional)) return
  throw new StatusError(statusError(head).message, head.status, parseRetryAfter(header(head, 'retry-after')))
}

function checkLength(head: ResponseHead, size: number): void {
  const length = header(head, 'content-length')
  if (length !== undefined && Number(length) !== size)
    throw new MirrorError('E_TRUNCATED', `size announced ${length}, the body ended after ${size}`)
}

function validatorsOf(head: ResponseHead): Validators {
  const etag = header(head, 'etag')
  const lastModified = header(head, 'last-modified')
  return { ...(etag && { etag }), ...(lastModified && { lastModified }) }
}
