import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Digest } from '../../src/digest.ts'
import { contentRows } from '../../src/store/content.ts'
import type { State } from '../../src/store/state.ts'
import { downloader } from '../../src/sync/download.ts'
import type { Reflink } from '../../src/sync/reflink.ts'
import type { Wanted } from '../../src/sync/wanted.ts'
import { Mirrors } from '../../src/upstream/mirrors.ts'
import { openUpstream } from '../../src/upstream/upstream.ts'
import { type Rule, startUpstream, type Upstream } from '../helpers/upstream.ts'
import { openNewState } from '../store/opened.ts'

/** One file on an upstream, and what it takes to download it. */
export interface Downloading extends AsyncDisposable {
  state: State
  upstream: Upstream
  bytes: Buffer
  wanted: Wanted
  /** Takes the place of the transport where it gives a file. */
  reflink: Reflink | undefined
  /** How many bytes came over the network. */
  received(): number
  /** The `Range` of each request, and the status of its answer. */
  ranges(): string[]
  download(wanted?: Wanted, signal?: AbortSignal): ReturnType<ReturnType<typeof downloader>['download']>
}

const fileTime = 1_600_000_000

/** Serves a file of so many bytes and opens a state to download it to. */
export async function startDownloading(size: number, rules: Rule[] = []): Promise<Downloading> {
  const { site, state, [Symbol.asyncDispose]: close } = await openNewState()
  const bytes = createHash('shake256', { outputLength: size }).update('file').digest()
  const dir = site.path('upstream')
  mkdirSync(dir)
  writeFileSync(join(dir, 'file'), bytes)
  const upstream = await startUpstream(dir, rules)
  const policy = {
    maxParallelDownloads: 4,
    retries: 2,
    retryDelayMs: 0,
    timeoutMs: 1000,
    minrate: 0,
    userAgent: undefined,
    throttle: undefined,
  }
  // Both are the operator's hosts: the network may not lead us to this machine.
  const baseurl = [upstream.url, upstream.url.replace('127.0.0.1', 'localhost')]
  const way = await openUpstream({ baseurl, transfer: policy }, 4)
  let received = 0
  const wanted = { what: 'file', where: at([upstream.url]), digest: digestOf(bytes), size, fileTime }
  const downloading: Downloading = {
    state,
    upstream,
    bytes,
    wanted,
    reflink: undefined,
    received: () => received,
    ranges: () => upstream.requests.map(({ headers, status }) => `${headers.range ?? 'whole'} ${status}`),
    download: (what = wanted, signal = new AbortController().signal) => {
      const rows = contentRows(state.database)
      const count = (more: number) => {
        received += more
      }
      return downloader({
        pool: state.pool,
        rows,
        tmp: state.tmp,
        transport: way.transport,
        policy,
        signal,
        reflink: downloading.reflink,
        received: count,
      }).download(what)
    },
    [Symbol.asyncDispose]: async () => {
      await way.close()
      await upstream.close()
      await close()
    },
  }
  return downloading
}

/** A file at some places. */
export function at(places: string[], href = 'file'): Wanted['where'] {
  return { mirrors: new Mirrors(places.map((url) => ({ url, isListed: false }))), location: { href } }
}

export function digestOf(bytes: Buffer | string, algorithm: Digest['algorithm'] = 'sha256'): Digest {
  return { algorithm, hex: createHash(algorithm).update(bytes).digest('hex') }
}
