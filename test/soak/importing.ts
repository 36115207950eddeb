import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { checkTree } from '../helpers/checker.ts'
import { type MirrorResult, runMirror } from '../helpers/mirror.ts'
import { type Pair, startPair } from '../lifecycle/archive/pair.ts'

/** A mirror that has imported one archive, and another one that is to come: `new.tar`, which follows it. */
export interface Importing extends AsyncDisposable {
  pair: Pair
  /** The import that is tried. */
  args: string[]
  /** Puts the mirror back to what it was before, links between root and state as they were. */
  goBack(): void
  /** What is wrong with what is shown, which must be the old generation or the new one, whole. */
  complaints(when: string): Promise<string[]>
  /** The import once more, which needs no help: what is wrong with what came of it. */
  again(when: string): Promise<string[]>
}

const names = ['almanac', 'foghorn', 'lantern']
const stays = { name: 'stays', size: 2_000_000 }
const comes = { name: 'comes', size: 2_000_000 }

export async function startImporting(): Promise<Importing> {
  const pair = await startPair()
  const { far } = pair
  const specs = (version: string) => names.map((name) => ({ name, version, size: 30_000 }))
  await pair.sync([...specs('1'), stays])
  await pair.export('old.tar')
  await pair.sync([...specs('2'), stays, comes])
  await pair.export('new.tar', { since: pair.file('old.tar') })
  await pair.import('old.tar')
  const before = far.path('before')
  mkdirSync(before)
  copyMirror(far.dir, before)
  const args = ['import', '-c', far.configFile, pair.file('new.tar')]

  const shown = async () => {
    const { packages, problems } = await checkTree(join(far.root, 'el9/base'))
    return { problems, nevras: packages.map(({ nevra }) => nevra.replace(/-0:|-1\.x86_64/g, ' ')).sort() }
  }
  return {
    pair,
    args,
    goBack() {
      rmSync(far.root, { recursive: true })
      rmSync(far.state, { recursive: true })
      copyMirror(before, far.dir)
    },
    async complaints(when) {
      const { problems, nevras } = await shown()
      const isOne = [oldOnes, newOnes].some((ones) => ones.join() === nevras.join())
      return [...problems, ...(isOne ? [] : [`shows ${nevras.join()}`])].map((problem) => `${when}: ${problem}`)
    },
    async again(when) {
      const { status, stderr }: MirrorResult = await runMirror(args)
      const left = readdirSync(join(far.state, 'tmp')).filter((name) => name !== 'left')
      const { problems, nevras } = await shown()
      const wrong = [
        ...(status === 0 ? [] : [`the import ends with ${status}: ${stderr}`]),
        ...(left.length === 0 ? [] : [`there is left: ${left.join(', ')}`]),
        ...(nevras.join() === newOnes.join() ? [] : [`it leaves ${nevras.join()}`]),
      ]
      return [...problems, ...wrong].map((problem) => `after ${when}: ${problem}`)
    },
    [Symbol.asyncDispose]: () => pair[Symbol.asyncDispose](),
  }
}

const oldOnes = [...names.map((name) => `${name} 1 `), 'stays 1.0 '].sort()
const newOnes = [...names.map((name) => `${name} 2 `), 'stays 1.0 ', 'comes 1.0 '].sort()

function copyMirror(from: string, to: string): void {
  execFileSync('cp', ['-a', join(from, 'root'), join(from, 'state'), to])
}
