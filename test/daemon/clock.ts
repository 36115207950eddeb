import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where Debian and Fedora keep libfaketime, by architecture or plainly. */
const library = ['/usr/lib64', '/usr/lib', ...folders('/usr/lib')]
  .map((folder) => join(folder, 'faketime/libfaketime.so.1'))
  .find((path) => existsSync(path))

/** Whether the clock of a spawned program can be set. With CI=true it must be. */
export function canSetClock(): boolean {
  if (library === undefined && process.env.CI === 'true') throw new Error('libfaketime is not installed')
  if (library === undefined) console.warn('skipped: libfaketime is not installed')
  return library !== undefined
}

/** A clock on the wall for spawned programs, which goes on as time does; timers take no notice of it. */
export interface Clock {
  /** What a program is started with to see it. */
  env: Record<string, string>
  /** Sets it, for the programs that run already too; milliseconds since the epoch. */
  set(time: number): void
  /** What it shows. */
  now(): number
}

/** Makes a clock that is told by a file in a folder. */
export function makeClock(folder: string, time: number): Clock {
  const file = join(folder, 'clock')
  let offset = 0
  const set = (to: number) => {
    offset = Math.round((to - Date.now()) / 1000)
    // Read at any moment, so it must never be empty.
    writeFileSync(`${file}.new`, `${offset < 0 ? '' : '+'}${offset}\n`)
    renameSync(`${file}.new`, file)
  }
  set(time)
  const env = {
    LD_PRELOAD: library ?? '',
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    DONT_FAKE_MONOTONIC: '1',
    NO_FAKE_STAT: '1',
  }
  return { env, set, now: () => Date.now() + offset * 1000 }
}

function folders(parent: string): string[] {
  return existsSync(parent) ? readdirSync(parent).map((name) => join(parent, name)) : []
}
