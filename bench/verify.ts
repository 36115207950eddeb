/** Verification beside `openssl dgst -sha256` over the same files: bin/node bench/verify.ts [FILES] [BYTES EACH] */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { verify } from '../src/lifecycle/verify/verify.ts'
import { openPool } from '../src/store/pool.ts'
import { openState } from '../src/store/state.ts'
import { makeTemporaryFolder } from '../test/helpers/temporary.ts'
import { fillPool } from './state.ts'

const [files = 400, bytes = 2_000_000] = process.argv.slice(2).map(Number)
const program = join(import.meta.dirname, '../src/main.ts')

await using folder = await makeTemporaryFolder()
const places = { root: join(folder.path, 'root'), state: join(folder.path, 'state') }
mkdirSync(places.root)
const state = openState(places, 'a benchmark')
for (let i = 0; i < files; i++) fillPool(state, [Buffer.alloc(bytes, `${i} `)])
const paths = readdirSync(openPool(places.state).folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name))
const list = join(folder.path, 'list')
writeFileSync(list, paths.join('\n'))

const seconds = async (work: () => unknown): Promise<number> => {
  const began = performance.now()
  await work()
  return (performance.now() - began) / 1000
}
const openssl = () => execFileSync('xargs', ['-a', list, 'openssl', 'dgst', '-sha256'], { maxBuffer: 1 << 28 })
const ours = () => verify({ ...state, program, rate: 0, signal: new AbortController().signal })
openssl()
for (let round = 1; round <= 3; round++) {
  const [theirs, own] = [await seconds(openssl), await seconds(ours)]
  const rate = (taken: number) => `${((files * bytes) / taken / 1e6).toFixed(0)} MB/s`
  console.log(`openssl dgst ${rate(theirs)}, mirror verify ${rate(own)}: ${(own / theirs).toFixed(2)} of its time`)
}
state.close()
rmSync(list)
