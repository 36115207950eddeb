import { bytesText, countText, durationText } from '../amounts.ts'
import type { Emit, Event, Progress } from '../events.ts'
import type { Log } from '../log.ts'

/** Shows events to a person or a log; `close` leaves the terminal as it was. */
export type Display = { emit(event: Event): void; close(): void }

/** Bars on a terminal, lines elsewhere. */
export function openDisplay(log: Log, logFormat: 'text' | 'json'): Display {
  return process.stderr.isTTY && logFormat === 'text' ? terminalDisplay(log) : lineDisplay(log)
}

/** Shows what some work tells while it goes on. */
export async function displayed<T>(
  work: (emit: Emit) => Promise<T>,
  { log, logFormat }: { log: Log; logFormat: 'text' | 'json' },
): Promise<T> {
  const display = openDisplay(log, logFormat)
  return await work((event) => display.emit(event)).finally(() => display.close())
}

/** Without a terminal: a line when a repository begins a stage, and its notices. */
function lineDisplay(log: Log): Display {
  const stages = new Map<string, Progress['stage']>()
  return {
    emit(event) {
      if (event.type === 'notice') return log[event.level]({ repo: event.repo }, event.message)
      if (event.type === 'ended') return void stages.delete(event.repo)
      const { stage, packagesTotal, bytesTotal } = event.progress
      if (stages.get(event.repo) === stage) return
      stages.set(event.repo, stage)
      log.info({ repo: event.repo }, stageLine(stage, packagesTotal, bytesTotal))
    },
    close() {},
  }
}

function stageLine(stage: Progress['stage'], packages: number, bytes: number): string {
  if (stage === 'metadata') return 'reading the upstream'
  if (stage === 'packages') return `fetching what is new of ${countText(packages)} packages (${bytesText(bytes)})`
  return stage === 'repodata' ? 'writing repodata' : 'publishing'
}

const redrawMs = 100

/** A bar for each running repository and a line of totals, redrawn in place. */
function terminalDisplay(log: Log): Display {
  const running = new Map<string, Progress & { began: number }>()
  let lines = 0
  const erase = () => {
    if (lines > 0) process.stderr.write(`\u001b[${lines}A\u001b[J`)
    lines = 0
  }
  const draw = () => {
    const text = [...running].map(([repo, progress]) => bar(repo, progress))
    if (running.size > 1) text.push(totals([...running.values()]))
    erase()
    // A terminal that does not know its size says 0; what is taller than it cannot be erased.
    const { columns, rows } = process.stderr
    const shown = text.slice(1 - (rows || 24))
    process.stderr.write(shown.map((line) => `${line.slice(0, (columns || 80) - 1)}\n`).join(''))
    lines = shown.length
  }
  const timer = setInterval(draw, redrawMs)
  return {
    emit(event) {
      if (event.type === 'progress') {
        const began = running.get(event.repo)?.began ?? performance.now()
        running.set(event.repo, { ...event.progress, began })
        return
      }
      if (event.type === 'ended') return void running.delete(event.repo)
      erase()
      log[event.level]({ repo: event.repo }, event.message)
      draw()
    },
    close() {
      clearInterval(timer)
      erase()
    },
  }
}

const barWidth = 20

function bar(repo: string, progress: Progress & { began: number }): string {
  const { stage, packages, packagesTotal } = progress
  const part = packagesTotal === 0 ? 0 : packages / packagesTotal
  const filled = Math.round(part * barWidth)
  const drawn = `[${'#'.repeat(filled)}${'-'.repeat(barWidth - filled)}]`
  const count = stage === 'metadata' ? 'reading metadata' : `${countText(packages)}/${countText(packagesTotal)}`
  return `${repo.slice(0, 30).padEnd(20)} ${drawn} ${stage === 'packages' || stage === 'metadata' ? count : `${count}, ${stage}`}  ${pace(progress)}`
}

function pace({ bytes, began, packages, packagesTotal }: Progress & { began: number }): string {
  const seconds = (performance.now() - began) / 1000
  const rate = `${bytesText(bytes)}  ${bytesText(bytes / Math.max(seconds, 0.1))}/s`
  if (packages === 0 || packages === packagesTotal) return rate
  return `${rate}  ${durationText((seconds / packages) * (packagesTotal - packages))} left`
}

function totals(running: (Progress & { began: number })[]): string {
  const sum = (field: 'packages' | 'packagesTotal' | 'bytes' | 'bytesTotal') =>
    running.reduce((total, one) => total + one[field], 0)
  const began = Math.min(...running.map((one) => one.began))
  const progress = {
    stage: 'packages',
    packages: sum('packages'),
    packagesTotal: sum('packagesTotal'),
    bytes: sum('bytes'),
    bytesTotal: sum('bytesTotal'),
    began,
  } as const
  return bar(`total (${running.length})`, progress)
}
