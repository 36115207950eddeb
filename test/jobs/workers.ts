import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** The processes that a process has started and that still run, by what Linux says of them. */
export function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => statOf(pid)?.parent === parent && isRunning(pid))
}

/** Whether a process runs: one that has ended but was not waited for does not. */
export function isRunning(pid: number): boolean {
  const state = statOf(pid)?.state
  return state !== undefined && state !== 'Z'
}

/** The workers of a process, when there are as many as that. */
export async function workersOf(parent: number, count: number): Promise<number[]> {
  for (;;) {
    const workers = childrenOf(parent).filter((pid) => commandOf(pid).includes('worker'))
    if (workers.length >= count) return workers
    await sleep(10)
  }
}

/** The files that a process has open. */
export function openFilesOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)]
    } catch {
      return []
    }
  })
}

/** Resolves when the process has ended. */
export async function ended(pid: number): Promise<void> {
  while (isRunning(pid)) await sleep(10)
}

function statOf(pid: number): { state: string; parent: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The command stands before these in parentheses, and may hold anything.
    const [state = '', parent = ''] = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { state, parent: Number(parent) }
  } catch {
    return undefined
  }
}

function commandOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return []
  }
}
