import type { Event } from '../events.ts'
import type { Job, OperationJob, RunJob } from './job.ts'

/** Told of everything that happens to a job. */
export type Watcher = (job: Job, event: Event | { type: 'state' }) => void

/** How many jobs that have ended are remembered. */
const remembered = 100

/** The jobs that are known: those that wait and run, the last that ended, and who is told of them. */
export class Register {
  readonly #jobs = new Map<number, Job>()
  readonly #watchers = new Set<Watcher>()
  #last = 0

  /** Every job that is known, oldest first. */
  get jobs(): Job[] {
    return [...this.#jobs.values()]
  }

  /** Those of one state, oldest first. */
  in(state: Job['state']): Job[] {
    return this.jobs.filter((job) => job.state === state)
  }

  find(id: number): Job | undefined {
    return this.#jobs.get(id)
  }

  /** A number that no job has had. */
  number(): number {
    return ++this.#last
  }

  add(job: Job): void {
    this.#jobs.set(job.id, job)
    this.tell(job, { type: 'state' })
  }

  begin(job: Job): void {
    job.state = 'running'
    job.started = Date.now()
    this.tell(job, { type: 'state' })
  }

  /** A job has ended so; of those that ended long ago nothing is known any more. */
  end<Kind extends RunJob | OperationJob>(job: Kind, outcome: NonNullable<Kind['outcome']>): void {
    job.state = 'ended'
    job.ended = Date.now()
    job.outcome = outcome
    this.tell(job, { type: 'state' })
    for (const { id } of this.in('ended').slice(0, -remembered)) this.#jobs.delete(id)
  }

  /** Has a watcher told of everything; returns how it is taken away. */
  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  tell(job: Job, event: Event | { type: 'state' }): void {
    for (const watcher of this.#watchers) watcher(job, event)
  }

  /** Resolves when a job has ended. */
  ended(job: Job): Promise<void> {
    if (job.state === 'ended') return Promise.resolve()
    return new Promise((resolve) => {
      const leave = this.watch((other) => {
        if (other !== job || job.state !== 'ended') return
        leave()
        resolve()
      })
    })
  }
}
