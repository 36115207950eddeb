import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { difference } from '../../digest.ts'
import { MirrorError } from '../../errors.ts'
import { measure } from '../../publish/measure.ts'
import { parseRepomd } from '../../repodata/repomd.ts'
import { parseRetryAfter, StatusError, withRetry } from '../../upstream/retry.ts'
import { shown, statusError } from '../../upstream/transport.ts'
import { openUpstream, type Upstream } from '../../upstream/upstream.ts'
import { type Source, withoutSlash } from './source.ts'

const transfer = {
  maxParallelDownloads: 1,
  retries: 3,
  timeoutMs: 30_000,
  minrate: 1000,
  retryDelayMs: 1000,
  userAgent: undefined,
  throttle: undefined,
}

/** Metadata is not fetched beyond these, in bytes. */
const limits = { repomd: 16 * 1024 * 1024, file: 4 * 1024 ** 3 }

/** A repository on a server, open until it is disposed of; its metadata files are fetched into a folder as they are needed. */
export async function openRemote(
  given: string,
  folder: string,
  signal: AbortSignal,
): Promise<Source & AsyncDisposable> {
  const upstream = await openUpstream({ baseurl: [`${withoutSlash(given)}/`], transfer }, 1)
  const fetched = new Map<string, string>()
  const fetch = async (href: string, limit: number) => {
    const known = fetched.get(href)
    if (known !== undefined) return known
    const file = join(folder, `${fetched.size}-${basename(href)}`)
    await fetchFile(upstream, href, { file, limit, signal })
    fetched.set(href, file)
    return file
  }
  const repomd = parseRepomd(readFileSync(await fetch('repodata/repomd.xml', limits.repomd)))
  return {
    given,
    // What is published names nobody's password.
    base: withoutSlash(shown(new URL(given))),
    repomd,
    async fileOf({ href, size, checksum }) {
      const file = await fetch(href, size ?? limits.file)
      const found = await measure(file, checksum.algorithm)
      if (found.hex === checksum.hex) return file
      throw new MirrorError(
        'E_CHECKSUM',
        `Cannot use ${href} of ${shown(new URL(given))}: ${difference(checksum, found)}`,
      )
    },
    [Symbol.asyncDispose]: () => upstream.close(),
  }
}

type Target = { file: string; limit: number; signal: AbortSignal }

async function fetchFile({ mirrors, transport }: Upstream, href: string, target: Target): Promise<void> {
  const url = new URL(href, mirrors.urls[0])
  try {
    await withRetry(transfer, target.signal, () => fetchOnce(transport, url, target))
  } catch (cause) {
    if (!(cause instanceof MirrorError)) throw cause
    throw new MirrorError(cause.code, `Cannot fetch ${shown(url)}: ${cause.message}`, { cause })
  }
}

async function fetchOnce(transport: Upstream['transport'], url: URL, { file, limit, signal }: Target): Promise<void> {
  const out = openSync(file, 'w')
  let bytes = 0
  try {
    await transport(
      { url, signal },
      {
        head(head) {
          if (head.status === 200) return
          throw new StatusError(statusError(head).message, head.status, parseRetryAfter(head.headers['retry-after']))
        },
        data(chunk) {
          bytes += chunk.length
          if (bytes > limit) throw new MirrorError('E_SIZE', `more than the ${limit} bytes that are expected`)
          writeFileSync(out, chunk)
        },
      },
    )
  } finally {
    closeSync(out)
  }
}
