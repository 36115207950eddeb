/** Serves one tree with this program and with nginx, one worker each; README.md says what is measured. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { formatTable } from '../src/cli/table.ts'
import { serve } from './nginx.ts'
import { serveByMirror } from './ours.ts'
import { commonOptions, setUp, warm } from './setup.ts'
import { memoryUnderSlowClients } from './slowClients.ts'
import { load } from './wrk.ts'

const { values } = parseArgs({ options: { ...commonOptions, seconds: { type: 'string', default: '5' } } })
const seconds = Number(values.seconds)
using setup = setUp(values)
const { work, runs } = setup
const tree = join(work, 'tree')
mkdirSync(join(tree, 'repodata'), { recursive: true })
writeFileSync(join(tree, 'repodata/repomd.xml'), randomBytes(1600).toString('hex'))
writeFileSync(join(tree, 'large'), randomBytes(100_000_000))
warm(tree)
// A file that is younger is still read for each request (src/serve/find.ts).
await sleep(3000)

await using ours = await serveByMirror(values.program, tree, work)
await using nginx = await serve(tree, work)
const servers = [ours, nginx]

/** How one server does in one respect; `unit` is of the figure. */
type Contest = { what: string; unit: string; digits: number; run: (server: typeof ours) => number | Promise<number> }

const small = (url: string): URL => new URL('repodata/repomd.xml', url)
const large = (url: string): URL => new URL('large', url)

const contests: Contest[] = [
  ...[16, 256].map((connections) => ({
    what: `3.2 kB, ${connections} connections`,
    unit: 'requests/s',
    digits: 0,
    run: ({ url }: typeof ours) => load(small(url), connections, seconds, work).requests,
  })),
  {
    what: '3.2 kB, 16 connections',
    unit: 'p99 ms',
    digits: 2,
    run: ({ url }) => load(small(url), 16, seconds, work).p99,
  },
  ...[1, 4].map((connections) => ({
    what: `100 MB, ${connections} connection${connections === 1 ? '' : 's'}`,
    unit: 'Gbit/s',
    digits: 1,
    run: ({ url }: typeof ours) => (load(large(url), connections, seconds, work).bytes * 8) / 1e9,
  })),
  {
    what: '100 MB, 1,000 slow clients',
    unit: 'RSS MB',
    digits: 0,
    run: async ({ url, pid }) => (await memoryUnderSlowClients(large(url), 1000, seconds, pid)) / 1e6,
  },
]

const rows: string[][] = []
for (const { what, unit, digits, run } of contests) {
  const figures = servers.map((): number[] => [])
  for (let at = 0; at < runs; at++) for (const [i, server] of servers.entries()) figures[i]?.push(await run(server))
  const [mine, theirs] = figures.map(median) as [number, number]
  rows.push([what, unit, ...figures.flatMap((of) => spread(of, digits)), (mine / theirs).toFixed(2)])
}
const numbers = ['mirror', 'from-to', 'nginx', 'from-to', 'mirror/nginx'].map((heading) => ({ heading, number: true }))
console.log(`\n${formatTable([{ heading: 'served' }, { heading: 'unit' }, ...numbers], rows)}`)

function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] as number
}

function spread(figures: readonly number[], digits: number): string[] {
  const [least, most] = [Math.min, Math.max].map((of) => of(...figures).toFixed(digits))
  return [median(figures).toFixed(digits), `${least}-${most}`]
}
