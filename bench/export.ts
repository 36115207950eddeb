/** Exports a repository and imports it, beside tar on the same files; README.md says what is measured. */
import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Result, settle } from './contest.ts'
import { type Cost, measure } from './measure.ts'
import { resultTable } from './report.ts'
import { commonOptions, setUp } from './setup.ts'

const { values, positionals } = parseArgs({ allowPositionals: true, options: commonOptions })
if (positionals.length === 0) {
  console.error('usage: bin/node bench/export.ts PACKAGES... [--work DIR] [--runs 3]')
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
  const ways: Way[] = [
    { name: 'mirror export', commands: (file) => [[values.program, 'export', '-c', config, '-o', `${file}.tar`]] },
    {
      name: 'tar cf, sync -f',
      commands: (file) => [
        ['tar', 'cf', `${file}.tar`, '-C', www, 'repo'],
        ['sync', '-f', `${file}.tar`],
      ],
    },
    { name: 'tar cf', commands: (file) => [['tar', 'cf', `${file}.tar`, '-C', www, 'repo']] },
    { name: 'mirror import', commands: (_file, run) => [importing(home, run)] },
    {
      name: 'tar xf, sync -f',
      commands: (_file, run) => [
        ['tar', 'xf', join(home, `1-${run}.tar`), '-C', fresh(home, run)],
        ['sync', '-f', fresh(home, run)],
      ],
    },
  ]
  const costs = ways.map((): Cost[] => [])
  for (let run = 0; run < setup.runs; run++)
    for (const [i, way] of ways.entries()) {
      process.stderr.write(`${name} ${run + 1}/${setup.runs}: ${way.name}\n`)
      const commands = way.commands(join(home, `${i}-${run}`), run)
      settle()
      costs[i]?.push(await measure(commands, log))
    }
  const { size } = statSync(join(home, '0-0.tar'))
  return ways.map((way, i) => ({
    selection: name,
    kind: `${Math.round(size / 1e6)} MB`,
    program: way.name,
    packages: 0,
    costs: costs[i] as Cost[],
  }))
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
  return [values.program, 'import', '-c', configured(home, `far-${run}`, 'archive: yes'), join(home, `0-${run}.tar`)]
}

function fresh(home: string, run: number): string {
  const folder = join(home, `out-${run}`)
  mkdirSync(folder, { recursive: true })
  return folder
}
