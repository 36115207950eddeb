/** Exports a repository and imports it, beside tar on the same files; README.md says what is measured. */
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Result, settle } from './contest.ts'
import { type Cost, measure } from './measure.ts'
import { resultTable } from './report.ts'
import { commonOptions, setUp } from './setup.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { ...commonOptions, alone: { type: 'boolean', default: false } },
})
if (positionals.length === 0) {
  console.error('usage: bin/node bench/export.ts PACKAGES... [--alone] [--work DIR] [--runs 3]')
  process.exit(2)
}
using setup = setUp(values)
const log = join(setup.work, 'log')

/** What is measured: the command that writes `file`, or reads it. `sync`: what has come to the disk before it ends. */
type Way = { name: string; commands: (file: string, run: number) => string[][] }

const results: Result[] = []
for (const packages of positionals.map((path) => resolve(path))) results.push(...(await inTurns(packages)))
console.log(`\n${resultTable(results, 'directory')}`)

async function inTurns(packages: string): Promise<Result[]> {
  const name = basename(packages)
  const home = join(setup.work, name)
  const config = configured(home, 'near', `local: ${packages}`)
  await measure([[values.program, 'sync', '-c', config]], log)
  const www = join(home, 'near', 'www')
  const out: Way[] = [
    { name: 'mirror export', commands: (file) => [[values.program, 'export', '-c', config, '-o', `${file}.tar`]] },
    {
      name: 'tar cf, sync -f',
      commands: (file) => [
        ['tar', 'cf', `${file}.tar`, '-C', www, 'repo'],
        ['sync', '-f', `${file}.tar`],
      ],
    },
    { name: 'tar cf', commands: (file) => [['tar', 'cf', `${file}.tar`, '-C', www, 'repo']] },
  ]
  const back: Way[] = [
    { name: 'mirror import', commands: (_file, run) => [importing(home, run)] },
    {
      name: 'tar xf, sync -f',
      commands: (_file, run) => [
        ['tar', 'xf', join(home, 'tar cf-0.tar'), '-C', fresh(home, run)],
        ['sync', '-f', fresh(home, run)],
      ],
    },
  ]
  const costs = [...(await costsOf(out, home)), ...(await costsOf(back, home))]
  const { size } = statSync(join(home, 'mirror export-0.tar'))
  return [...out, ...back].map((way, i) => ({
    selection: name,
    kind: `${Math.round(size / 1e6)} MB`,
    program: way.name,
    packages: 0,
    costs: costs[i] as Cost[],
  }))
}

/** The costs of all runs of each, in turns, of which every second one begins with the last: memory that one gave back serves the next. */
async function costsOf(ways: readonly Way[], home: string): Promise<Cost[][]> {
  const costs = ways.map((): Cost[] => [])
  for (let run = 0; run < setup.runs; run++)
    for (const [i, way] of run % 2 === 0 ? [...ways.entries()] : [...ways.entries()].reverse()) {
      process.stderr.write(`${basename(home)} ${run + 1}/${setup.runs}: ${way.name}\n`)
      const file = join(home, `${way.name}-${run}`)
      const commands = way.commands(file, run)
      settle()
      costs[i]?.push(await measure(commands, log, !values.alone))
      // The first archive is imported. Others would fill the memory, which makes room for each that follows.
      if (run > 0) rmSync(`${file}.tar`, { force: true })
    }
  return costs
}

/** A mirror's configuration with one repository, in a folder of its own. */
function configured(home: string, name: string, repo: string): string {
  const folder = join(home, name)
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'mirror.yaml')
  writeFileSync(file, `root: ${folder}/www\nstate: ${folder}/state\nrepos:\n  repo:\n    ${repo}\n`)
  return file
}

function importing(home: string, run: number): string[] {
  return [
    values.program,
    'import',
    '-c',
    configured(home, `far-${run}`, 'archive: yes'),
    join(home, 'mirror export-0.tar'),
  ]
}

function fresh(home: string, run: number): string {
  const folder = join(home, `out-${run}`)
  mkdirSync(folder, { recursive: true })
  return folder
}
