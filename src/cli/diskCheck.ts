import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { bytesText } from '../amounts.ts'
import type { Config } from '../config/repo.ts'

/** What `max_disk` and `min_free` come to on the file system that the state is on, or will be on. */
export type DiskCheck = {
  /** In one line; undefined where neither is set. */
  words: string | undefined
  /** Which of them can never hold, or lets nothing be fetched now. */
  warnings: string[]
}

/** A file system in bytes; `free` for a user who is not root. */
export type Room = { total: number; free: number }

/** Compares the limits of a configuration with the file system below its state folder. */
export function diskCheck({ disk, state }: Pick<Config, 'disk' | 'state'>, room = roomOf(state)): DiskCheck {
  const { max, minFree } = disk
  if (room === undefined || (max === undefined && minFree === 0)) return { words: undefined, warnings: [] }
  const most = max === undefined ? 'the pool may fill it' : `the pool may have ${bytesText(max)} (max_disk)`
  const least = minFree === 0 ? '' : `, ${bytesText(minFree)} stays free (min_free)`
  const words = `${state}: ${bytesText(room.free)} of ${bytesText(room.total)} is free; ${most}${least}`
  return { words, warnings: warningsOf(disk, room).map((warning) => `${state}: ${warning}`) }
}

function warningsOf({ max, minFree }: Config['disk'], { total, free }: Room): string[] {
  const held = `the file system of ${bytesText(total)}`
  const warnings: string[] = []
  if (max !== undefined && max + minFree > total)
    warnings.push(
      `max_disk ${bytesText(max)}${besideText(minFree)} is more than ${held}, and will never hold anything up`,
    )
  if (minFree >= total) warnings.push(`min_free ${bytesText(minFree)} is all of ${held}, and nothing will be fetched`)
  else if (minFree > free)
    warnings.push(
      `min_free ${bytesText(minFree)} is more than is free, ${bytesText(free)}: nothing will be fetched now`,
    )
  return warnings
}

function besideText(minFree: number): string {
  return minFree > 0 ? ` beside min_free ${bytesText(minFree)}` : ''
}

/** The file system of a folder that may not be there yet; undefined where it does not say. */
function roomOf(folder: string): Room | undefined {
  try {
    const { blocks, bavail, bsize } = statfsSync(folder)
    return { total: blocks * bsize, free: bavail * bsize }
  } catch (error) {
    const above = dirname(folder)
    return (error as NodeJS.ErrnoException).code === 'ENOENT' && above !== folder ? roomOf(above) : undefined
  }
}
