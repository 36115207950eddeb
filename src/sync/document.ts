import { MirrorError } from '../errors.ts'
import type { Validators } from '../store/looks.ts'
import { failover, type Try } from '../upstream/failover.ts'
import type { Mirror } from '../upstream/mirror.ts'
import { parseRetryAfter, type RetryPolicy, StatusError } from '../upstream/retry.ts'
import { header, type ResponseHead, statusError, type Transport } from '../upstream/transport.ts'
import type { Upstream } from '../upstream/upstream.ts'

/** A small file of the upstream, whole, and what the server said of it; `url` is where it was in the end. */
export type Document = { bytes: Buffer; validators: Validators; url: URL }

/** Which document: its path below the repository, what is known of it, and how many bytes it may have. */
export type Asked = { path: string; known: Validators; limit: number }

/** How failures are met, and what a silent mirror is given before it counts as one. */
type Policy = RetryPolicy & { timeoutMs: number }

/** A mirror that has not sent a small file after so many milliseconds is not waited for alone. */
const mostBesideMs = 3000

/** How long a mirror is asked for a document alone: a tenth of dnf's timeout, and of a short one a quarter. */
export function besideMs({ timeoutMs }: Policy): number {
  return Math.min(mostBesideMs, timeoutMs / 4)
}

/**
 * Fetches a document that nothing vouches for; undefined when the server says that it is what the validators name.
 * @param read makes of it what is wanted; where it throws the next mirror is asked
 * @throws MirrorError naming the URL
 */
export async function fetchDocument<Read = Document>(
  upstream: Pick<Upstream, 'mirrors' | 'transport'>,
  asked: Asked,
  policy: Policy,
  signal: AbortSignal,
  read: (document: Document, mirror: Mirror) => Read | Promise<Read> = (document) => document as Read,
): Promise<Read | undefined> {
  const { mirrors, transport } = upstream
  const urlsAt = (mirror: URL) => [new URL(asked.path, mirror)]
  const asking = { mirrors, urlsAt, policy, signal, isSteady: true, besideMs: besideMs(policy) }
  try {
    return await failover(asking, async (one) => {
      const document = await request(transport, one, asked)
      return document && (await read(document, one.mirror))
    })
  } catch (error) {
    if (!(error instanceof MirrorError) || signal.aborted) throw error
    throw new MirrorError(error.code, `Cannot fetch ${error.message}`, { cause: error })
  }
}

async function request(
  transport: Transport,
  { url, signal, received }: Try,
  { known, limit }: Asked,
): Promise<Document | undefined> {
  const headers = conditional(known)
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
        received(chunk.length)
        if (size > limit) throw new MirrorError('E_LIMIT', `more than ${limit} bytes were sent`)
        chunks.push(chunk)
      },
    },
  )
  const head = answer as unknown as ResponseHead
  if (head.status === 304) return undefined
  checkLength(head, size)
  return { bytes: Buffer.concat(chunks), validators: validatorsOf(head), url: head.url }
}

/** The headers that make a request conditional; none where nothing is known. */
export function conditional({ etag, lastModified }: Validators): Record<string, string> {
  return { ...(etag && { 'if-none-match': etag }), ...(lastModified && { 'if-modified-since': lastModified }) }
}

/** A 304 that nobody asked for proves nothing (apt's CVE-2014-0487). */
export function checkStatus(head: ResponseHead, isConditional: boolean): void {
  if (head.status === 200 || (head.status === 304 && isConditional)) return
  throw new StatusError(statusError(head).message, head.status, parseRetryAfter(header(head, 'retry-after')))
}

/** @throws E_TRUNCATED for a body of another size than was announced */
export function checkLength(head: ResponseHead, size: number): void {
  const length = header(head, 'content-length')
  if (length !== undefined && Number(length) !== size)
    throw new MirrorError('E_TRUNCATED', `size announced ${length}, the body ended after ${size}`)
}

/** What the next request can ask with. */
export function validatorsOf(head: ResponseHead): Validators {
  const etag = header(head, 'etag')
  const lastModified = header(head, 'last-modified')
  return { ...(etag && { etag }), ...(lastModified && { lastModified }) }
}
