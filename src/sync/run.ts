import type { Repo } from '../config/repo.ts'
import type { Emit, Progress } from '../events.ts'
import { contentRows } from '../store/content.ts'
import { currentGeneration, type Generation, repoRow } from '../store/generations.ts'
import { Ledger } from '../store/ledger.ts'
import type { State } from '../store/state.ts'
import type { Upstream } from '../upstream/upstream.ts'
import { type Downloader, downloader } from './download.ts'
import { reflinks } from './reflink.ts'

/** What a run may use, and what it was told besides the configuration. */
export type SyncContext = {
  state: State
  upstream: Upstream
  emit: Emit
  signal: AbortSignal
  /** Connections that this run may have now; the number may change while it runs. */
  connections: () => number
  acceptShrink: boolean
  acceptRollback?: boolean | undefined
  /** What the command line changed of the configuration, in words; undefined for nothing. */
  overrides: string | undefined
}

/** One run of one repository: what its stages share. */
export type Run = SyncContext & {
  repo: Repo
  /** The repository's row in the database. */
  row: number
  ledger: Ledger
  downloads: Downloader
  progress: Meter
  notice: (level: 'info' | 'warn', message: string) => void
}

export function startRun(repo: Repo, context: SyncContext): Run {
  const { state, upstream, signal, emit } = context
  const rows = contentRows(state.database)
  const progress = new Meter((now) => emit({ type: 'progress', repo: repo.id, progress: now }))
  const notice: Run['notice'] = (level, message) => emit({ type: 'notice', repo: repo.id, level, message })
  const downloads = downloader({
    pool: state.pool,
    rows,
    tmp: state.tmp,
    transport: upstream.transport,
    policy: repo.transfer,
    signal,
    reflink:
      repo.local.length === 0 ? undefined : reflinks(upstream.mirrors.urls[0] as URL, (line) => notice('info', line)),
    received: (bytes) => progress.received(bytes),
  })
  return {
    ...context,
    connections: () => upstream.mirrors.capacity(context.connections()),
    repo,
    row: repoRow(state.database, repo),
    ledger: new Ledger(state.pool, rows),
    downloads,
    progress,
    notice,
  }
}

/** The generation that clients see before this run publishes another. */
export function generationBefore({ state, row }: Run): Generation | undefined {
  return currentGeneration(state.database, row)
}

/** Counts what a run has done and tells it after every step. */
class Meter {
  readonly #now: Progress = { stage: 'metadata', packages: 0, packagesTotal: 0, bytes: 0, bytesTotal: 0 }
  readonly #tell: (progress: Progress) => void

  constructor(tell: (progress: Progress) => void) {
    this.#tell = tell
  }

  /** Bytes that came over the network. */
  get bytes(): number {
    return this.#now.bytes
  }

  stage(stage: Progress['stage']): void {
    this.#now.stage = stage
    this.#tell(this.#now)
  }

  /** Begins to count the packages of a plan. */
  expect(packages: number, bytes: number): void {
    Object.assign(this.#now, { packages: 0, packagesTotal: packages, bytesTotal: bytes })
    this.stage('packages')
  }

  received(bytes: number): void {
    this.#now.bytes += bytes
    this.#tell(this.#now)
  }

  counted(): void {
    this.#now.packages++
    this.#tell(this.#now)
  }
}
