/** Mirrors an upstream over http from loopback with this program and with its peers; README.md says what is measured. */
import { parseArgs } from 'node:util'
import { contest } from './contest.ts'
import { serve } from './nginx.ts'
import type { Selection } from './programs.ts'
import { resultTable } from './report.ts'
import { commonOptions, setUp, warm } from './setup.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { ...commonOptions, only: { type: 'string', default: 'whole,all,newest' } },
})
const [upstream] = positionals
if (upstream === undefined) {
  console.error(
    'usage: bin/node bench/sync.ts UPSTREAM [--chroot DIR] [--work DIR] [--runs 3] [--only whole,all,newest]',
  )
  process.exit(2)
}
using setup = setUp(values)
warm(upstream)
await using server = await serve(upstream, setup.work)
const selections = values.only.split(',') as Selection[]
const results = await contest({ ...setup, url: server.url, selections })
console.log(`\n${upstream}\n${resultTable(results)}`)
