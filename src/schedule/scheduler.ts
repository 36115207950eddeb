import { believed, dueAt, type Timing } from './due.ts'

/** Whom a scheduler asks and tells. */
export type Scheduling = {
  /** When a repository's last run began, in milliseconds since the epoch. */
  lastRun(id: string): number | undefined
  /** Told once for each time that is due; must not throw. */
  run(id: string): void
}

/** Runs what is due until it is closed. */
export type Scheduler = {
  /** Takes these timings in place of those before; what is unchanged keeps its time. */
  follow(timings: readonly Timing[]): void
  /** When a repository is due next, in milliseconds since the epoch; undefined without a schedule. */
  next(id: string): number | undefined
  close(): void
}

/**
 * Looked at this often. A timer for each time to come would sleep through a clock that is set; node-cron's own tick waits
 * for the time that it had worked out before, twenty years of it after a clock went back by twenty.
 */
const tickMs = 5000

type Entry = { timing: Timing; anchor: number | undefined; due: number | undefined }

/** Starts to watch the clock; nothing is due before `follow`. */
export function openScheduler(scheduling: Scheduling): Scheduler {
  let entries = new Map<string, Entry>()
  const since = Date.now()

  const plan = (timing: Timing, anchor: number | undefined): Entry => ({
    timing,
    anchor,
    // A clock that was set back since is no reason to wait until it has caught up.
    due: dueAt(timing, anchor, Math.min(since, Date.now())),
  })

  const tick = () => {
    const now = Date.now()
    for (const [id, { timing, anchor, due }] of entries) {
      const trusted = believed(anchor, now)
      if (trusted !== anchor) entries.set(id, plan(timing, trusted))
      else if (due !== undefined && due <= now) {
        entries.set(id, plan(timing, now))
        scheduling.run(id)
      }
    }
  }
  const timer = setInterval(tick, tickMs)

  return {
    follow(timings) {
      const before = entries
      entries = new Map(
        timings.map((timing) => {
          const old = before.get(timing.id)
          const same = old !== undefined && JSON.stringify(old.timing) === JSON.stringify(timing)
          return [timing.id, same ? old : plan(timing, old?.anchor ?? scheduling.lastRun(timing.id))]
        }),
      )
      tick()
    },
    next: (id) => entries.get(id)?.due,
    close: () => clearInterval(timer),
  }
}
