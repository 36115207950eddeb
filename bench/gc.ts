/** What it takes to remove files: bin/node bench/gc.ts [FILES]; the promise is 100,000 in under 3 s. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { sweep } from '../src/lifecycle/sweep.ts'
import { openState } from '../src/store/state.ts'
import { makeTemporaryFolder } from '../test/helpers/temporary.ts'
import { fillPool, publishContents } from './state.ts'

const [files = 100_000] = process.argv.slice(2).map(Number)
/** A published name and its content are a file each in a directory. */
const packages = files / 2
const path = 'bench'

await using folder = await makeTemporaryFolder()
const places = { root: join(folder.path, 'root'), state: join(folder.path, 'state') }
mkdirSync(places.root)
const state = openState(places, 'a benchmark')
const contents = fillPool(
  state,
  Array.from({ length: packages }, (_, i) => Buffer.from(`text ${i}`)),
)
await publishContents(state, path, contents, 'first')
await publishContents(state, path, contents.slice(0, 1), 'second')
const began = performance.now()
const before = process.cpuUsage()
const swept = sweep(state, new Map([[path, 0]]), Date.now(), { acceptDeletions: true, isWhole: true, isAll: true })
const seconds = ((performance.now() - began) / 1000).toFixed(2)
const { user, system } = process.cpuUsage(before)
const cpu = `${(user / 1e6).toFixed(2)} s here and ${(system / 1e6).toFixed(2)} s in the kernel on a CPU`
console.log(`${swept.files} names and ${swept.contents} contents removed in ${seconds} s: ${cpu}`)
state.close()
