/** How the time of a sync grows with the number of packages, here and with the peers; README.md says what is measured. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { contest } from './contest.ts'
import { serve } from './nginx.ts'
import type { Selection } from './programs.ts'
import { resultTable, type Scaled, scaleTable } from './report.ts'
import { takePackages } from './repository.ts'
import { commonOptions, setUp, warm } from './setup.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ...commonOptions,
    sizes: { type: 'string', default: '5000,10000,20000,40000' },
    only: { type: 'string', default: 'whole,newest' },
  },
})
const [upstream] = positionals
if (upstream === undefined) {
  console.error('usage: bin/node bench/scale.ts UPSTREAM [--sizes 5000,10000,...] [--only whole,all,newest] [--runs 3]')
  console.error('       [--chroot DIR] [--work DIR]; the work folder must be on the file system of UPSTREAM')
  process.exit(2)
}
using setup = setUp(values)
if (setup.peers.createrepo === undefined) throw new Error('createrepo_c is needed to make the smaller upstreams')
const scaled: Scaled[] = []
for (const size of values.sizes.split(',').map(Number)) {
  const work = join(setup.work, String(size))
  const part = join(work, 'upstream')
  mkdirSync(part, { recursive: true })
  takePackages(upstream, size, part, setup.peers.createrepo)
  warm(part)
  await using server = await serve(part, work)
  const selections = values.only.split(',') as Selection[]
  const results = await contest({ ...setup, work, url: server.url, selections })
  console.log(`\n${size} packages upstream\n${resultTable(results)}`)
  scaled.push({ size, results })
}
console.log(`seconds for 1,000 packages upstream\n${scaleTable(scaled)}`)
