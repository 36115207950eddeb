import { globSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { availableParallelism, cpus, release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { findPeers, type Peers } from './peers.ts'
import { mirror, mirrorVersion, type Program, reposync } from './programs.ts'

const home = join(import.meta.dirname, '..')

/** Options that every benchmark has, for node:util's parseArgs. */
export const commonOptions = {
  /** Where dnf5 and createrepo_c are, when they are not on PATH: a root folder, whose programs are run by chroot. */
  chroot: { type: 'string' },
  /** The folder to make the work folder in; inside of the chroot where there is one. */
  work: { type: 'string' },
  runs: { type: 'string', default: '3' },
  /** What starts the program that is measured: another version's bin/mirror, to compare the two. */
  program: { type: 'string', default: join(home, 'bin/mirror') },
} as const

export type CommonOptions = { chroot?: string; work?: string; runs: string; program: string }

export type Setup = Disposable & { programs: Program[]; peers: Peers; work: string; runs: number }

/** Finds the programs, tells what is compared on what, and makes the work folder, which goes at the end. */
export function setUp({ chroot, work: parent, runs, program }: CommonOptions): Setup {
  const peers = findPeers(chroot)
  const other = reposync(peers)
  const versions = [mirrorVersion(join(program, '../..')), peers.dnf5?.version, peers.createrepo?.version]
  const [{ model } = { model: 'unknown CPU' }] = cpus()
  console.log(`${availableParallelism()} x ${model}, Linux ${release()}; ${versions.filter(Boolean).join('; ')}`)
  if (other === undefined) console.log('without peers: dnf5 and createrepo_c are not both installed (see --chroot)')
  const within = parent ?? (chroot === undefined ? tmpdir() : join(chroot, 'tmp'))
  const work = realpathSync(mkdtempSync(join(within, 'mirror-bench-')))
  const programs = [mirror(program), ...(other === undefined ? [] : [other])]
  return { programs, peers, work, runs: Number(runs), [Symbol.dispose]: () => rmSync(work, { recursive: true }) }
}

/** Reads every file once, so that the first run finds them in memory as the later ones do. */
export function warm(folder: string): void {
  for (const entry of globSync('**', { cwd: folder, withFileTypes: true }))
    if (entry.isFile()) readFileSync(join(entry.parentPath, entry.name))
}
