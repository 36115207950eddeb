import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Finding } from '../../../src/lifecycle/verify/finding.ts'
import { verify } from '../../../src/lifecycle/verify/verify.ts'
import type { State } from '../../../src/store/state.ts'

export const program = join(import.meta.dirname, '../../../src/main.ts')

/** Verifies a state, all of it or some repositories' rows. */
export function verifyState(state: State, only?: ReadonlySet<number>) {
  return verify({ ...state, program, rate: 0, signal: new AbortController().signal, only })
}

/** Findings as `kind path`, paths below root or below the state's folder, sorted. */
export function told(found: readonly Finding[], { root, state }: State): string[] {
  const short = (path: string) => path.replace(`${root}/`, '').replace(`${state}/`, '')
  return found.map(({ kind, path }) => `${kind} ${short(path)}`).sort()
}

/** Flips one bit of a file in place: same inode, same size, same times. */
export function flipBit(file: string, bit: number): void {
  const { atime, mtime } = statSync(file)
  const bytes = readFileSync(file)
  const at = Math.floor(bit / 8) % bytes.length
  bytes[at] = (bytes[at] as number) ^ (1 << (bit % 8))
  writeFileSync(file, bytes, { flag: 'r+' })
  utimesSync(file, atime, mtime)
}
