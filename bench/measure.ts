import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync } from 'node:fs'
import { endedChildrenCpu, familyMemory, type Memory } from './processes.ts'

/** What a run cost: seconds of wall clock and of CPU, and the peaks of memory in bytes, of all its processes together. */
export type Cost = { wall: number; cpu: number } & Memory

/** How often memory is looked at, in milliseconds; a look at 200 MB takes about one. */
const sampleMs = 40

/**
 * Runs commands one after the other and measures them as one: times add up, memory is the highest of any moment.
 * What they print goes to the log file. Looking at memory takes a tenth of a core; `isWatched` says whether to.
 * @throws when one of them fails, with the end of the log
 */
export async function measure(commands: readonly string[][], log: string, isWatched = true): Promise<Cost> {
  const cpuBefore = endedChildrenCpu()
  const began = performance.now()
  const peak: Memory = { rss: 0, pss: 0 }
  for (const command of commands) await run(command, log, isWatched ? peak : undefined)
  return { wall: (performance.now() - began) / 1000, cpu: endedChildrenCpu() - cpuBefore, ...peak }
}

async function run([program, ...rest]: string[], log: string, peak: Memory | undefined): Promise<void> {
  const output = openSync(log, 'a')
  const child = spawn(program as string, rest, { stdio: ['ignore', output, output] })
  const timer = setInterval(() => peak && raise(peak, child), sampleMs)
  const [status, signal] = await once(child, 'exit').finally(() => clearInterval(timer))
  if (status === 0) return
  const tail = readFileSync(log, 'utf8').slice(-2000)
  throw new Error(`${[program, ...rest].join(' ')} ended with ${signal ?? status}:\n${tail}`)
}

function raise(peak: Memory, { pid }: ChildProcess): void {
  if (pid === undefined) return
  const { rss, pss } = familyMemory(pid)
  peak.rss = Math.max(peak.rss, rss)
  peak.pss = Math.max(peak.pss, pss)
}
