import type { Repo } from '../config/repo.ts'
import { MirrorError } from '../errors.ts'
import type { Emit, Event } from '../events.ts'
import { type Asker, type Common, type Done, type Job, type OperationJob, type RunJob, writesOf } from './job.ts'
import type { Request } from './messages.ts'
import type { Asking, Writes } from './operation.ts'
import type { Outcome } from './outcome.ts'
import { Register, type Watcher } from './register.ts'
import { Taken } from './taken.ts'

/** What a queue does with its jobs. */
export type Carrying = {
  /** How many at once. */
  workers(): number
  /** Carries one out; must not throw. */
  run(job: RunJob, emit: Emit, signal: AbortSignal): Promise<Outcome>
  /** Carries out an operation. @throws why it cannot be done */
  operate(job: OperationJob, emit: Emit, signal: AbortSignal): Promise<unknown>
  /** The generation of a repository that clients see. */
  served(repo: Repo): number | undefined
  /** Done when nothing runs and nothing waits after something was published, and now and then; nothing begins meanwhile. */
  rest(signal: AbortSignal): Promise<void>
}

/** At least so often, in milliseconds, when jobs end: what is retained for a time expires without a publication, too. */
const restMs = 60 * 60 * 1000

/**
 * The jobs that wait, at most one run for each repository beside the one that is under way, and those that are under way.
 * No two of them write below one path at once.
 */
export class Queue {
  readonly #carrying: Carrying
  readonly #register = new Register()
  readonly #stops = new Map<number, AbortController>()
  readonly #closing = new AbortController()
  /** Work on a repository that is no run of it, by its path. */
  readonly #turns = new Map<string, Promise<unknown>>()
  #resting: Promise<void> | undefined
  /** Stops what is done while nothing is asked for. */
  #yielding = new AbortController()
  #published = false
  #rested = performance.now()

  constructor(carrying: Carrying) {
    this.#carrying = carrying
  }

  /** Every job that is known, oldest first. */
  get jobs(): Job[] {
    return this.#register.jobs
  }

  find(id: number): Job | undefined {
    return this.#register.find(id)
  }

  /**
   * Asks for a run. One that waits already is joined where it was asked for in the same way.
   * @throws E_BUSY where one waits that was asked for in another way, or when no more is begun
   */
  ask(repo: Repo, request: Request, asker: Asker): RunJob {
    const waiting = this.#joinable(repo, request)
    if (waiting === undefined) return this.#add<RunJob>({ ...this.#asked(asker), verb: 'sync', repo, request })
    waiting.wantedBy++
    return waiting
  }

  /** Asks for an operation that writes there. @throws E_BUSY when no more is begun */
  operate(asking: Asking, writes: Writes, asker: Asker): OperationJob {
    if (this.#closing.signal.aborted) throw new MirrorError('E_BUSY', 'the daemon is stopping')
    return this.#add<OperationJob>({ ...this.#asked(asker), verb: asking.name, asking, writes })
  }

  #asked(asker: Asker): Common {
    return { id: this.#register.number(), asker, asked: Date.now(), wantedBy: 1, state: 'queued' }
  }

  #add<Kind extends Job>(job: Kind): Kind {
    this.#yielding.abort()
    this.#register.add(job)
    this.begin()
    return job
  }

  /** Asks for a run of each repository, or of none. @throws as `ask` */
  askAll(repos: readonly Repo[], request: Request, asker: Asker): RunJob[] {
    for (const repo of repos) this.#joinable(repo, request)
    return repos.map((repo) => this.ask(repo, request, asker))
  }

  #joinable(repo: Repo, request: Request): RunJob | undefined {
    if (this.#closing.signal.aborted) throw new MirrorError('E_BUSY', 'the daemon is stopping', { repo: repo.id })
    const waiting = this.#runs().find((job) => job.state === 'queued' && job.repo.path === repo.path)
    if (waiting === undefined || sameRequest(waiting, repo, request)) return waiting
    const message = `a run with other options waits already, as job ${waiting.id}; wait for it, or mirror cancel ${waiting.id}`
    throw new MirrorError('E_BUSY', message, { repo: repo.id })
  }

  /** Begins what may begin by now; what `workers` says may have changed. */
  begin(): void {
    if (this.#resting !== undefined || this.#closing.signal.aborted) return
    const running = this.#register.in('running')
    const next = this.#next(running)
    for (const job of next) void this.#run(job)
    if (running.length + next.length + this.#turns.size === 0 && this.#isTired()) this.#rest()
  }

  /** What may begin beside what runs, in the order in which it was asked for. What waits holds what it writes, lest it wait for ever. */
  #next(running: readonly Job[]): Job[] {
    const taken = new Taken([...running.map(writesOf), ...[...this.#turns.keys()].map((path) => [path])])
    let free = this.#carrying.workers() - running.filter(({ repo }) => repo !== undefined).length
    return this.jobs.filter((job) => {
      if (job.state !== 'queued') return false
      const isFree = taken.add(writesOf(job)) && (job.repo === undefined || free > 0)
      if (isFree && job.repo !== undefined) free--
      return isFree
    })
  }

  /** Does something else with a repository, such as planning, while it is not run and nothing rests; runs of it wait. */
  async turn<T>(path: string, work: () => Promise<T>): Promise<T> {
    this.#yielding.abort()
    for (let busy = this.#busyWith(path); busy !== undefined; busy = this.#busyWith(path)) await busy
    const done = work()
    this.#turns.set(
      path,
      done.catch(() => {}),
    )
    return await done.finally(() => {
      this.#turns.delete(path)
      this.begin()
    })
  }

  /**
   * Does something that can wait while nothing runs; what is asked for meanwhile stops it, and begins when it has ended.
   * Does nothing where it is not idle.
   */
  idle(work: (signal: AbortSignal) => Promise<void>): void {
    const isIdle = this.#turns.size === 0 && this.jobs.every(({ state }) => state === 'ended')
    if (!isIdle || this.#resting !== undefined || this.#closing.signal.aborted) return
    this.#yielding = new AbortController()
    this.#resting = work(AbortSignal.any([this.#closing.signal, this.#yielding.signal])).finally(() => {
      this.#resting = undefined
      this.begin()
    })
  }

  #busyWith(path: string): Promise<unknown> | undefined {
    const running = this.#register.in('running').find((job) => new Taken([writesOf(job)]).has([path]))
    return this.#resting ?? this.#turns.get(path) ?? (running && this.ended(running))
  }

  /** Stops a job, or takes it out of the queue; false where it has ended already. */
  cancel(id: number, reason = new MirrorError('E_INTERRUPTED', 'cancelled; finished downloads are kept')): boolean {
    const job = this.find(id)
    if (job === undefined || job.state === 'ended') return false
    if (job.state === 'running') this.#stops.get(id)?.abort(reason)
    else if (job.repo === undefined) this.#register.end(job, { seconds: 0, answer: undefined, error: reason })
    else this.#register.end(job, cancelled(job, reason, this.#carrying.served(job.repo)))
    return true
  }

  /** Whoever asked for a job does not want it any more: it is cancelled where nobody else does. */
  leave(job: Job): void {
    if (--job.wantedBy === 0) this.cancel(job.id)
  }

  /** Takes repositories as they are configured from now on: what waits runs by that, and not at all where they are gone. */
  follow(repos: readonly Repo[]): void {
    const configured = new Map(repos.map((repo) => [repo.path, repo]))
    for (const job of this.#runs().filter(({ state }) => state === 'queued')) {
      const repo = configured.get(job.repo.path)
      if (repo === undefined) this.cancel(job.id, new MirrorError('E_INTERRUPTED', 'not configured any more'))
      // One with options of its own is what somebody asked for and looks at.
      else if (job.request.overrides === undefined) job.repo = repo
    }
    this.begin()
  }

  /** Has a watcher told of everything; returns how it is taken away. */
  watch(watcher: Watcher): () => void {
    return this.#register.watch(watcher)
  }

  /** Begins nothing more, stops what runs, and resolves when all of it has ended. */
  async close(): Promise<void> {
    this.#closing.abort(new MirrorError('E_INTERRUPTED', 'the daemon is stopping; finished downloads are kept'))
    for (const { id } of this.jobs) this.cancel(id, this.#closing.signal.reason as MirrorError)
    const running = this.#register.in('running')
    await Promise.all(running.map((job) => this.ended(job)))
    await this.#resting
  }

  /** Resolves when a job has ended. */
  ended(job: Job): Promise<void> {
    return this.#register.ended(job)
  }

  async #run(job: Job): Promise<void> {
    const stop = new AbortController()
    this.#stops.set(job.id, stop)
    this.#register.begin(job)
    const emit = (event: Event) => {
      if (event.type === 'progress') job.progress = event.progress
      this.#register.tell(job, event)
    }
    if (job.repo === undefined) await this.#operate(job, emit, stop.signal)
    else {
      const outcome = await this.#carrying.run(job, emit, stop.signal)
      this.#published ||= outcome.summary?.result === 'published'
      this.#register.end(job, outcome)
    }
    this.#stops.delete(job.id)
    this.begin()
  }

  async #operate(job: OperationJob, emit: Emit, signal: AbortSignal): Promise<void> {
    const began = performance.now()
    const done: Done = { seconds: 0, answer: undefined, error: undefined }
    try {
      done.answer = await this.#carrying.operate(job, emit, signal)
    } catch (error) {
      done.error = error
    }
    done.seconds = Math.round(performance.now() - began) / 1000
    this.#published ||= job.writes !== 'all'
    this.#register.end(job, done)
  }

  #runs(): RunJob[] {
    return this.jobs.filter((job) => job.repo !== undefined)
  }

  #isTired(): boolean {
    return this.#published || performance.now() - this.#rested > restMs
  }

  #rest(): void {
    this.#published = false
    this.#rested = performance.now()
    this.#resting = this.#carrying.rest(this.#closing.signal).finally(() => {
      this.#resting = undefined
      this.begin()
    })
  }
}

function sameRequest(job: RunJob, repo: Repo, request: Request): boolean {
  return JSON.stringify([job.repo, job.request]) === JSON.stringify([repo, request])
}

/** A job that was taken out of the queue: nothing was tried, and nothing is remembered but here. */
function cancelled({ repo }: RunJob, reason: MirrorError, served: number | undefined): Outcome {
  const error = new MirrorError(reason.code, reason.message, { repo: repo.id })
  return { repo, seconds: 0, summary: undefined, leftOut: 0, error, served }
}
