import type { Repo } from '../config/repo.ts'
import { MirrorError } from '../errors.ts'
import type { Emit, Progress } from '../events.ts'
import type { MetadataFile } from '../publish/document.ts'
import { publish, restore } from '../publish/publish.ts'
import { makeRepomd } from '../publish/repomd.ts'
import { documents } from '../repodata/documents.ts'
import type { RepomdRecord } from '../repodata/repomd.ts'
import { type Content, contentRows } from '../store/content.ts'
import { currentGeneration, type Generation, repoRow } from '../store/generations.ts'
import { compareStaged } from '../store/members.ts'
import type { State } from '../store/state.ts'
import { shown } from '../upstream/transport.ts'
import type { Upstream } from '../upstream/upstream.ts'
import { carriedFile } from './carried.ts'
import { type Downloader, downloader, FetchError, type Wanted } from './download.ts'
import { fetchAll } from './fetch.ts'
import { guardShrink } from './guard.ts'
import { keptPackages, nextExpiry } from './kept.ts'
import { Ledger } from './ledger.ts'
import { placeMetadata, placePackages } from './place.ts'
import { carriedRecords, documentRecords, type Plan, planUpstream, wantedPackages, wantedRecord } from './plan.ts'
import { regenerate } from './regenerate.ts'
import { fetchSnapshot, type Snapshot } from './snapshot.ts'
import { readTable, type Source, type SourceDocument } from './source.ts'

/** What a run may use, and what it was told besides the configuration. */
export type SyncContext = {
  state: State
  upstream: Upstream
  emit: Emit
  signal: AbortSignal
  /** Connections that this run may have now; the number may change while it runs. */
  connections: () => number
  acceptShrink: boolean
  /** What the command line changed of the configuration, in words; undefined for nothing. */
  overrides: string | undefined
}

/** What a run did. Bytes are those that came over the network. */
export type SyncResult = {
  result: 'published' | 'unchanged'
  generation: number | undefined
  packages: number
  added: number
  removed: number
  bytes: number
  /** The snapshot that is published now. */
  snapshot: Snapshot
  /** When the same snapshot will give another result (milliseconds); undefined for never. */
  until: number | undefined
}

/** After so many new plans without an end the upstream is given up until the next run. */
const maxReplans = 3

/**
 * Brings one repository to its upstream's newest snapshot: plan, fetch, regenerate, publish. A run finishes the
 * snapshot that it began; only when a file of it is gone or changed does it look for another and plan again, with
 * what is in the pool already.
 */
export async function sync(repo: Repo, first: Snapshot, context: SyncContext): Promise<SyncResult> {
  let snapshot = first
  const run = new Run(repo, context)
  for (let replans = 0; ; replans++) {
    try {
      return await run.bringTo(snapshot)
    } catch (error) {
      const moved = await run.movedFrom(snapshot, error)
      if (moved === undefined) throw run.about(error)
      if (replans === maxReplans) {
        const reason = `the upstream changed ${replans + 1} times while it was read; run again later`
        throw run.about(new MirrorError('E_MOVING', reason, { cause: error }))
      }
      run.notice('info', 'the upstream changed meanwhile; planning again')
      snapshot = moved
    }
  }
}

/** Makes the plan of a snapshot without fetching a package, for `--dry-run` and `--urls`. */
export async function planOnly(
  repo: Repo,
  snapshot: Snapshot,
  context: SyncContext,
): Promise<{ plan: Plan; wanted: Wanted[]; missing: Wanted[] }> {
  const run = new Run(repo, context)
  const plan = await run.plan(snapshot)
  const rows = contentRows(context.state.database)
  const wanted = [...wantedPackages(plan.upstream, context.upstream.bases)]
  return { plan, wanted, missing: wanted.filter(({ digest, size }) => rows.find(digest, size) === undefined) }
}

class Run {
  readonly #repo: Repo
  readonly #context: SyncContext
  readonly #ledger: Ledger
  readonly #downloads: Downloader
  readonly #row: number
  readonly #progress: Progress = { stage: 'metadata', packages: 0, packagesTotal: 0, bytes: 0, bytesTotal: 0 }

  constructor(repo: Repo, context: SyncContext) {
    const { state, upstream, signal } = context
    const rows = contentRows(state.database)
    this.#repo = repo
    this.#context = context
    this.#row = repoRow(state.database, repo)
    this.#ledger = new Ledger(state.pool, rows)
    this.#downloads = downloader({
      pool: state.pool,
      rows,
      tmp: state.tmp,
      transport: upstream.transport,
      policy: repo.transfer,
      signal,
      received: (bytes) => {
        this.#progress.bytes += bytes
        this.#report()
      },
    })
  }

  /** The whole of a run on one snapshot. */
  async bringTo(snapshot: Snapshot): Promise<SyncResult> {
    const { state, signal } = this.#context
    const plan = await this.plan(snapshot)
    const carried = await this.#fetch(plan).finally(() => this.#ledger.settle())
    const moved = placePackages(plan, this.#repo, state, this.#row)
    this.#stage('repodata')
    const files = [...(await regenerate(plan, moved, this.#repo, state)), ...carried]
    for (const file of files) this.#ledger.add(file)
    await this.#ledger.settle()
    placeMetadata(files, state)
    signal.throwIfAborted()
    return await this.#publish(plan, files)
  }

  async plan(snapshot: Snapshot): Promise<Plan> {
    const { state, upstream, acceptShrink } = this.#context
    this.#stage('metadata')
    const fetched = await this.#fetchDocuments(snapshot)
    const { table, plain } = await readTable(fetched.primary as SourceDocument)
    const { source, duplicates } = planUpstream({ documents: fetched, plain, table }, this.#repo, upstream.bases)
    for (const nevra of duplicates)
      this.notice(
        'warn',
        `the upstream lists ${nevra} more than once; ${this.#repo.duplicates === 'newest' ? 'the newest build is taken' : 'all are kept'}`,
      )
    if (!acceptShrink) guardShrink(this.#current(), table.length, this.#repo)
    const kept = await keptPackages(state, this.#repo, this.#row, table)
    const bytes = source.rows.reduce((sum, row) => sum + table.size(row), 0)
    const packages = source.rows.length + (kept?.rows.length ?? 0)
    return { snapshot, upstream: source, kept, carried: carriedRecords(snapshot.repomd), duplicates, packages, bytes }
  }

  /** The snapshot that the upstream has moved to, when that explains the error; undefined otherwise. */
  async movedFrom(snapshot: Snapshot, error: unknown): Promise<Snapshot | undefined> {
    const { upstream, signal } = this.#context
    if (!(error instanceof FetchError) || !error.moved || signal.aborted) return undefined
    const now = await fetchSnapshot(upstream, {}, this.#repo.transfer, signal).catch(() => undefined)
    return now?.sha256 === snapshot.sha256 ? undefined : now
  }

  /** An error that names the upstream, as that of a failed fetch does by itself. */
  about(error: unknown): unknown {
    const { upstream, signal } = this.#context
    if (!(error instanceof MirrorError) || error instanceof FetchError || signal.aborted) return error
    const message = `Cannot sync from ${shown(upstream.bases[0] as URL)}: ${error.message}`
    return new MirrorError(error.code, message, { cause: error })
  }

  notice(level: 'info' | 'warn', message: string): void {
    this.#context.emit({ type: 'notice', repo: this.#repo.id, level, message })
  }

  async #fetchDocuments({ repomd }: Snapshot): Promise<Source['documents']> {
    const { pool } = this.#context.state
    const records = documentRecords(repomd)
    for (const name of documents)
      if (records[name] === undefined)
        this.notice('warn', `the upstream has no ${name}; one without its contents is published`)
    const fetched = await this.#fetchRecords(Object.values(records))
    return Object.fromEntries(
      fetched.map(({ record, content }) => [record.type, { file: pool.path(content.sha256), record, content }]),
    )
  }

  /** Fetches all that the plan wants and the pool lacks. Returns the carried metadata. */
  async #fetch(plan: Plan): Promise<MetadataFile[]> {
    this.#progress.packagesTotal = plan.upstream.rows.length
    this.#progress.bytesTotal = plan.bytes
    this.#stage('packages')
    const packages = this.#fetchAll(this.#missing(plan), async (wanted) => {
      this.#ledger.add(await this.#downloads.download(wanted))
      this.#counted()
    })
    const [carried] = await allOf(this.#fetchRecords(plan.carried), packages)
    return carried.map(({ record, content }) => carriedFile(record, content))
  }

  /** The wanted packages that are not in the pool; those that are count as done. */
  *#missing(plan: Plan): Generator<Wanted> {
    for (const wanted of wantedPackages(plan.upstream, this.#context.upstream.bases))
      if (this.#downloads.present(wanted) === undefined) yield wanted
      else this.#counted()
  }

  async #fetchRecords(records: RepomdRecord[]): Promise<{ record: RepomdRecord; content: Content }[]> {
    const fetched = new Map<Wanted, Content>()
    const wanted = records.map((record) => wantedRecord(record, this.#repo, this.#context.upstream.bases))
    await this.#fetchAll(wanted, async (one) => {
      fetched.set(one, this.#downloads.present(one) ?? (await this.#downloads.download(one)))
    })
    for (const content of fetched.values()) this.#ledger.add(content)
    return records.map((record, i) => ({ record, content: fetched.get(wanted[i] as Wanted) as Content }))
  }

  #fetchAll(wanted: Iterable<Wanted>, take: (wanted: Wanted) => Promise<void>): Promise<void> {
    return fetchAll(wanted, this.#context.connections, this.#context.signal, take)
  }

  async #publish(plan: Plan, files: MetadataFile[]): Promise<SyncResult> {
    const { state, upstream, overrides } = this.#context
    const current = this.#current()
    const { added, removed, changed } = compareStaged(state.database, this.#row)
    const until = nextExpiry(plan, this.#repo)
    const done = {
      packages: plan.packages,
      added,
      removed,
      bytes: this.#progress.bytes,
      snapshot: plan.snapshot,
      until,
    }
    const destination = { repo: this.#row, path: this.#repo.path }
    if (!changed && current !== undefined) {
      restore(state, destination, current)
      return { ...done, result: 'unchanged', generation: current.number }
    }
    this.#stage('publish')
    const made = makeRepomd(plan.snapshot.repomd, files, current)
    const generation = await publish(state, destination, {
      ...made,
      packages: plan.packages,
      bytes: plan.bytes,
      upstreamPackages: plan.upstream.table.length,
      trust: upstream.bases.every(({ protocol }) => protocol === 'https:') ? 'TLS' : 'none',
      overrides,
    })
    return { ...done, result: 'published', generation: generation.number }
  }

  #current(): Generation | undefined {
    return currentGeneration(this.#context.state.database, this.#row)
  }

  #counted(): void {
    this.#progress.packages++
    this.#report()
  }

  #stage(stage: Progress['stage']): void {
    this.#progress.stage = stage
    this.#report()
  }

  #report(): void {
    this.#context.emit({ type: 'progress', repo: this.#repo.id, progress: this.#progress })
  }
}

/** Both results; when one fails, the other is waited for before the error is thrown. */
async function allOf<A, B>(a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([a, b])
  return await Promise.all([a, b])
}
