import { readdirSync, readFileSync } from 'node:fs'

/** Memory of processes at one moment, in bytes: resident, and proportional (shared pages divided among their users). */
export type Memory = { rss: number; pss: number }

/** The memory of a process and all its descendants together; processes that end meanwhile count as nothing. */
export function familyMemory(pid: number): Memory {
  const memories = family(pid).map(memoryOf)
  return {
    rss: memories.reduce((sum, { rss }) => sum + rss, 0),
    pss: memories.reduce((sum, { pss }) => sum + pss, 0),
  }
}

function family(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(family)]
}

/** proc(5), /proc/pid/task/tid/children: a process is the child of the thread that forked it. */
function childrenOf(pid: number): number[] {
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    return threads.flatMap((thread) => numbers(read(`/proc/${pid}/task/${thread}/children`)))
  } catch {
    return []
  }
}

function memoryOf(pid: number): Memory {
  const rollup = read(`/proc/${pid}/smaps_rollup`)
  return { rss: kibibytes(rollup, 'Rss'), pss: kibibytes(rollup, 'Pss') }
}

function kibibytes(rollup: string, field: string): number {
  return Number(new RegExp(`^${field}: +(\\d+) kB$`, 'm').exec(rollup)?.[1] ?? 0) * 1024
}

/** Clock ticks a second as Linux tells them to programs, whatever the kernel's own clock. */
const ticks = 100

/**
 * CPU time (user and system, in seconds) of all children of this process that have ended, with their own children:
 * proc(5), /proc/pid/stat, cutime and cstime. Taken before and after, it leaves nothing out, as sampling would.
 */
export function endedChildrenCpu(): number {
  const stat = read('/proc/self/stat')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[13]) + Number(fields[14])) / ticks
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return ''
  }
}

function numbers(text: string): number[] {
  return text.split(' ').filter(Boolean).map(Number)
}
