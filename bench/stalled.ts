/** What a mirror that stalls costs its own repository, and another one; README.md says what is measured. */
import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { startUpstream } from '../test/helpers/upstream.ts'
import { settle } from './contest.ts'
import { serve } from './nginx.ts'
import { commonOptions, setUp, warm } from './setup.ts'

const options = { ...commonOptions, timeout: { type: 'string', default: '30' } } as const
const { values, positionals } = parseArgs({ allowPositionals: true, options })
const [upstream] = positionals
if (upstream === undefined) {
  console.error('usage: bin/node bench/stalled.ts UPSTREAM [--timeout 30] [--work DIR] [--runs 3]')
  process.exit(2)
}
using setup = setUp(values)
const { work, runs } = setup
warm(upstream)
const list = join(work, 'list')
mkdirSync(list)
await using good = await serve(upstream, work)
await using stalling = await startUpstream(upstream)
await using lists = await startUpstream(list)
stalling.rules.push({ path: /\.rpm$/, fault: { kind: 'stall', after: 10 } })

console.log('mirrors of the one        the one  the other')
const taken: Record<string, number[][]> = {}
for (let run = 0; run < runs; run++)
  for (const [name, urls] of [
    ['both good', [good.url, good.url.replace('127.0.0.1', 'localhost')]],
    ['the first one stalls', [stalling.url, good.url]],
  ] as const) {
    settle()
    writeFileSync(join(list, 'mirrors'), `${urls.join('\n')}\n`)
    const seconds = await synced(`${name.replaceAll(' ', '-')}-${run}`)
    taken[name] = [...(taken[name] ?? []), seconds]
    console.log(`${name.padEnd(22)}  ${seconds.map((each) => each.toFixed(1).padStart(9)).join('  ')}`)
  }
for (const [name, all] of Object.entries(taken)) {
  const middle = (of: number) => all.map((each) => each[of] as number).sort((a, b) => a - b)[all.length >> 1] as number
  console.log(`median, ${name}: ${middle(0).toFixed(1)} s and ${middle(1).toFixed(1)} s`)
}

/** Syncs both repositories at once into a new folder. Returns the seconds that each took. */
async function synced(name: string): Promise<number[]> {
  const home = join(work, name)
  mkdirSync(home)
  const file = join(home, 'mirror.yaml')
  const one = { mirrorlist: `${lists.url}mirrors`, timeout: Number(values.timeout), retry_delay: 0 }
  // JSON is YAML.
  writeFileSync(
    file,
    JSON.stringify({ root: 'www', state: 'state', workers: 2, repos: { one, other: { baseurl: good.url } } }),
  )
  const { stdout } = await promisify(execFile)(values.program, ['sync', '-c', file, '--json'], { maxBuffer: 1 << 28 })
  const { repos } = JSON.parse(stdout) as { repos: { repo: string; seconds: number }[] }
  return ['one', 'other'].map((id) => repos.find(({ repo }) => repo === id)?.seconds as number)
}
