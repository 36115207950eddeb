import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { type Cost, measure } from './measure.ts'
import { countPackages, type Program, type Selection } from './programs.ts'

/** A first run begins with nothing; a no-op follows one and finds nothing new. */
export type Kind = 'first' | 'no-op'

/** What one program's runs of one kind cost; `packages` is what each of them left. */
export type Result = { selection: string; kind: string; program: string; packages: number; costs: Cost[] }

export type Contest = {
  programs: readonly Program[]
  url: string
  selections: readonly Selection[]
  runs: number
  /** The work folder; every first run gets a fresh folder in it. */
  work: string
}

/** Measures first runs and no-ops of every program with every selection. */
export async function contest(contest: Contest): Promise<Result[]> {
  const results: Result[] = []
  for (const selection of contest.selections)
    for (const kind of ['first', 'no-op'] as const) results.push(...(await inTurns(selection, kind, contest)))
  return results
}

/**
 * Runs the programs in turns: A B A B. Nothing is deleted in between, because on ext4 creating files is several times
 * slower for a while after a big tree was deleted.
 */
async function inTurns(selection: Selection, kind: Kind, { programs, url, runs, work }: Contest): Promise<Result[]> {
  const log = join(work, 'log')
  const folderOf = (program: number, run: number) => join(work, `${selection}-${program}-${run}`)
  const costs = programs.map((): Cost[] => [])
  for (let run = 0; run < runs; run++)
    for (const [i, program] of programs.entries()) {
      process.stderr.write(`${selection} ${kind} ${run + 1}/${runs}: ${program.name(selection)}\n`)
      const folder = folderOf(i, kind === 'first' ? run : runs - 1)
      settle()
      costs[i]?.push(await measure(program.commands({ url, selection, folder }, kind === 'no-op'), log))
    }
  return programs.map((program, i) => ({
    selection,
    kind,
    program: program.name(selection),
    packages: countPackages(folderOf(i, runs - 1)),
    costs: costs[i] as Cost[],
  }))
}

/** What one run has written must not be waited for by the next one's own sync. */
export function settle(): void {
  execFileSync('sync')
}
