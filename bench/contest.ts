import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Cost, measure } from './measure.ts'
import { countPackages, type Program, type Selection } from './programs.ts'

/** A first run begins with nothing; a no-op follows one and finds nothing new. */
export type Kind = 'first' | 'no-op'

/** What one program's runs of one kind cost; `packages` is what each of them left. */
export type Result = { selection: Selection; kind: Kind; program: string; packages: number; costs: Cost[] }

export type Contest = {
  programs: readonly Program[]
  url: string
  selections: readonly Selection[]
  runs: number
  /** The work folder; every first run gets a fresh folder in it. */
  work: string
}

/**
 * Runs the programs in turns: A B A B. Nothing is deleted in between, because on ext4 creating files is several times
 * slower for a while after a big tree was deleted.
 */
export async function contest({ programs, url, selections, runs, work }: Contest): Promise<Result[]> {
  const results: Result[] = []
  for (const selection of selections) {
    const entries = programs.map((program, i) => ({ program, folder: join(work, `${selection}-${i}`) }))
    for (const kind of ['first', 'no-op'] as const) {
      const costs = entries.map((): Cost[] => [])
      for (let run = 0; run < runs; run++)
        for (const [i, { program, folder }] of entries.entries()) {
          const job = { url, selection, folder: `${folder}-${kind === 'first' ? run : runs - 1}` }
          process.stderr.write(`${selection} ${kind} ${run + 1}/${runs} ${program.name(selection)}\n`)
          mkdirSync(job.folder, { recursive: true })
          settle()
          costs[i]?.push(await measure(program.commands(job, kind === 'no-op'), join(work, 'log')))
        }
      for (const [i, { program, folder }] of entries.entries()) {
        const packages = countPackages(`${folder}-${runs - 1}`)
        results.push({ selection, kind, program: program.name(selection), packages, costs: costs[i] as Cost[] })
      }
    }
  }
  return results
}

/** What one run has written must not be waited for by the next one's own sync. */
function settle(): void {
  execFileSync('sync')
}
