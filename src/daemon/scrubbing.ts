import type { Config } from '../config/repo.ts'
import { type Apart, operateApart } from '../jobs/apart.ts'
import type { Queue } from '../jobs/queue.ts'
import type { Scrubbed } from '../jobs/scrub.ts'
import type { Log } from '../log.ts'

/** Slices are read so often, in milliseconds, or a thousand times in the period where that is more often. */
const most = 10 * 60_000
const least = 1000

/**
 * Reads everything once in `scrub`, a slice now and then while nothing else is to be done; what is asked for meanwhile
 * stops the slice, which is read again. @returns how it is ended
 */
export function openScrubbing(config: () => Config, queue: Queue, apart: () => Apart, log: Log): () => void {
  let timer: NodeJS.Timeout | undefined
  const schedule = () => {
    const periodMs = config().scrubMs ?? most * 1000
    timer = setTimeout(tick, Math.max(least, Math.min(most, periodMs / 1000)))
    timer.unref()
  }
  const tick = () => {
    if (config().scrubMs !== undefined) queue.idle((signal) => readSlice(apart(), log, signal))
    schedule()
  }
  schedule()
  return () => clearTimeout(timer)
}

async function readSlice(apart: Apart, log: Log, signal: AbortSignal): Promise<void> {
  try {
    const asking = { name: 'scrub', arguments: {}, by: 'schedule' }
    tell((await operateApart(asking, apart, () => {}, signal)) as Scrubbed, log)
  } catch (error) {
    if (!signal.aborted) log.error(`reading what is published failed: ${(error as Error).message}`)
  }
}

function tell({ found, repaired }: Scrubbed, log: Log): void {
  for (const { kind, path, detail } of found) log.error({ code: 'E_DAMAGED' }, `found ${kind}: ${path}: ${detail}`)
  if (repaired === undefined) return
  const { mended, withdrawn, left, reasons } = repaired
  for (const { path, from } of mended) log.warn(`repaired: ${path}: from ${from}`)
  for (const file of withdrawn) log.error({ code: 'E_DAMAGED' }, `withdrawn: ${file}`)
  for (const reason of reasons) log.warn(`why not: ${reason}`)
  if (left.length > 0) log.error({ code: 'E_DAMAGED' }, `${left.length} problems are left; mirror verify says them`)
}
