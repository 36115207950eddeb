/** Makes repodata of a directory of packages with this program and with createrepo_c; README.md says what is measured. */
import { globSync, mkdirSync, utimesSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Result, settle } from './contest.ts'
import { type Cost, measure } from './measure.ts'
import { resultTable } from './report.ts'
import { commonOptions, setUp, warm } from './setup.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { ...commonOptions, workers: { type: 'string', default: '2' } },
})
if (positionals.length === 0) {
  console.error('usage: bin/node bench/createrepo.ts PACKAGES... [--chroot DIR] [--work DIR] [--runs 3] [--workers 2]')
  process.exit(2)
}
using setup = setUp(values)
const { createrepo: peer } = setup.peers

/** One of the programs: the command that makes the repodata of a directory in another. */
type Maker = { name: string; command: (packages: string, output: string, update: string[]) => string[] }

const common = ['--workers', values.workers, '--quiet']
const makers: Maker[] = [
  {
    name: 'mirror',
    command: (packages, output, update) => [values.program, 'createrepo', ...common, ...update, '-o', output, packages],
  },
  ...(peer === undefined
    ? []
    : [
        {
          name: 'createrepo_c',
          command: (packages: string, output: string, update: string[]) => {
            const folders = ['-o', peer.path(output), peer.path(packages)]
            return [...peer.command, ...common, '--no-database', ...update, ...folders]
          },
        },
      ]),
]

/** What a run begins with: nothing, the last run's repodata, or that with every hundredth package changed. */
const kinds = ['scratch', 'no change', 'few changes'] as const

const results: Result[] = []
for (const packages of positionals.map((path) => resolve(path))) {
  warm(packages)
  for (const kind of kinds) results.push(...(await inTurns(packages, kind)))
}
console.log(`\n${resultTable(results, 'directory')}`)

async function inTurns(packages: string, kind: (typeof kinds)[number]): Promise<Result[]> {
  const costs = makers.map((): Cost[] => [])
  for (let run = 0; run < setup.runs; run++) {
    if (kind === 'few changes') touchSome(packages, run)
    for (const [i, { name, command }] of makers.entries()) {
      process.stderr.write(`${basename(packages)}, ${kind} ${run + 1}/${setup.runs}: ${name}\n`)
      const output = join(setup.work, `${basename(packages)}-${i}-${kind === 'scratch' ? run : setup.runs - 1}`)
      mkdirSync(output, { recursive: true })
      settle()
      const update = kind === 'scratch' ? [] : ['--update']
      costs[i]?.push(await measure([command(packages, output, update)], join(setup.work, 'log')))
    }
  }
  const count = globSync('**/*.rpm', { cwd: packages }).length
  return makers.map(({ name }, i) => ({
    selection: basename(packages),
    kind,
    program: name,
    packages: count,
    costs: costs[i] as Cost[],
  }))
}

/** Gives every hundredth package another time; the first update after it reads them anew. */
function touchSome(packages: string, run: number): void {
  const time = 1_600_000_000 + run
  for (const [i, path] of globSync('**/*.rpm', { cwd: packages }).sort().entries())
    if (i % 100 === 0) utimesSync(join(packages, path), time, time)
}
