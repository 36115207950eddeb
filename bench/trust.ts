/** What checking the signatures of packages costs a first sync; README.md says what is measured. */
import { execFileSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { makeGnupg } from '../test/helpers/gpg.ts'
import { type Result, settle } from './contest.ts'
import { type Cost, measure } from './measure.ts'
import { serve } from './nginx.ts'
import { median, resultTable } from './report.ts'
import { commonOptions, setUp, warm } from './setup.ts'

const options = { ...commonOptions, key: { type: 'string', default: 'rsa4096' } } as const
const { values, positionals } = parseArgs({ allowPositionals: true, options })
const [packages] = positionals
if (packages === undefined) {
  console.error('usage: bin/node bench/trust.ts PACKAGES [--key rsa4096] [--work DIR] [--runs 3]')
  process.exit(2)
}
using setup = setUp(values)
const { work, runs } = setup
using gpg = makeGnupg(work)
gpg.key('Bench', values.key)
const key = join(work, 'KEY')
writeFileSync(key, gpg.publicKeys('Bench'))
const upstream = join(work, 'upstream')
cpSync(packages, upstream, { recursive: true })
sign(globSync('**/*.rpm', { cwd: upstream }).map((name) => join(upstream, name)))
await measure([[values.program, 'createrepo', upstream]], join(work, 'log'))
warm(upstream)
await using server = await serve(upstream, work)

const ways = { 'without gpgcheck': {}, 'gpgcheck: yes': { gpgcheck: 'yes', gpgkey: key } }
const costs = Object.keys(ways).map((): Cost[] => [])
for (let run = 0; run < runs; run++)
  for (const [i, [name, settings]] of Object.entries(ways).entries()) {
    process.stderr.write(`${run + 1}/${runs}: ${name}\n`)
    settle()
    costs[i]?.push(
      await measure([[values.program, 'sync', '-c', configured(`${i}-${run}`, settings)]], join(work, 'log')),
    )
  }
const results = Object.keys(ways).map(
  (program, i): Result => ({ selection: values.key, kind: 'first', program, packages: 0, costs: costs[i] as Cost[] }),
)
console.log(`\n${resultTable(results, 'signed with')}`)
const more = (field: 'wall' | 'cpu') => {
  const [plain, checked] = costs.map((all) => median(all, field)) as [number, number]
  return `${((checked / plain - 1) * 100).toFixed(0)} %`
}
console.log(`gpgcheck takes ${more('wall')} more time, ${more('cpu')} more of the processor`)

function sign(files: string[]): void {
  const macros = ['_gpg_name Bench', `_gpg_path ${gpg.home}`, '__gpg /usr/bin/gpg'].flatMap((one) => ['--define', one])
  const env = { ...process.env, GNUPGHOME: gpg.home }
  for (let at = 0; at < files.length; at += 500)
    execFileSync('rpmsign', [...macros, '--addsign', ...files.slice(at, at + 500)], { env, stdio: 'ignore' })
}

function configured(name: string, settings: object): string {
  const home = join(work, name)
  mkdirSync(home)
  const file = join(home, 'mirror.yaml')
  // JSON is YAML.
  const repos = { bench: { baseurl: server.url, ...settings } }
  writeFileSync(file, JSON.stringify({ root: 'www', state: 'state', repos }))
  return file
}
