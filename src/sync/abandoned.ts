import { readdirSync, readFileSync, type Stats, statSync } from 'node:fs'
import { isSystemError } from '../errors.ts'

/**
 * Whether none of the processes that sync beside this one has the file open: the one that claimed it was killed.
 * Linux says so below /proc; where it does not, or the file is gone, nothing is abandoned.
 */
export function isAbandoned(path: string): boolean {
  try {
    const file = statSync(path)
    return siblings().every((pid) => !hasOpen(pid, file))
  } catch {
    return false
  }
}

/** The processes that have our parent, this one among them. */
function siblings(): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parentOf(name) === process.ppid)
}

function parentOf(pid: string): number | undefined {
  const stat = unlessEnded(() => readFileSync(`/proc/${pid}/stat`, 'latin1'))
  // The command stands before these in parentheses, and may hold anything (proc_pid_stat(5)).
  return stat === undefined ? undefined : Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
}

function hasOpen(pid: string, { dev, ino }: Stats): boolean {
  const descriptors = unlessEnded(() => readdirSync(`/proc/${pid}/fd`)) ?? []
  return descriptors.some((fd) => {
    const open = unlessEnded(() => statSync(`/proc/${pid}/fd/${fd}`))
    return open?.dev === dev && open.ino === ino
  })
}

/** What a process or a descriptor tells; undefined once it is gone. */
function unlessEnded<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ESRCH')) return undefined
    throw error
  }
}
