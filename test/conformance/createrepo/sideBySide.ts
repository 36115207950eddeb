import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type Accepted, accepted, compareMetadata, unaccepted } from '../../helpers/compareMetadata.ts'
import { type CreaterepoResult, createrepoCVersion, runCreaterepoC } from '../../helpers/metadata/createrepo.ts'
import { runMirror } from '../../helpers/mirror.ts'
import { type RpmSpec, writeRpm } from '../../helpers/rpmfile.ts'
import { makeTemporaryFolder } from '../../helpers/temporary.ts'

/** A folder of packages and the metadata that each of the two made of it, until the `await using` block is left. */
export interface SideBySide extends AsyncDisposable {
  /** The folder that all of this lies in. */
  root: string
  /** The folder that holds the packages. */
  packages: string
  /** The folders in which each has its repodata/. */
  ours: string
  theirs: string
  /**
   * Runs createrepo_c and `mirror createrepo` with the same arguments; in them OUT stands for each one's own folder, ROOT
   * for the one that all lies in. Databases only where `--database` is asked for.
   */
  run(...args: string[]): Promise<{ ours: CreaterepoResult; theirs: CreaterepoResult }>
  /** What differs and is not accepted. */
  differences(...also: Accepted[]): string[]
}

/** Writes packages, by their paths, and stands ready to run both on them. */
export async function makeSideBySide(packages: Record<string, RpmSpec | Buffer>): Promise<SideBySide> {
  const folder = await makeTemporaryFolder()
  const paths = {
    packages: join(folder.path, 'packages'),
    ours: join(folder.path, 'ours'),
    theirs: join(folder.path, 'theirs'),
  }
  for (const path of Object.values(paths)) await mkdir(path)
  for (const [path, spec] of Object.entries(packages)) await writeRpm(paths.packages, path, spec)
  return {
    root: folder.path,
    ...paths,
    async run(...args) {
      const whole = [...defaults(args), ...args]
      const of = (out: string) =>
        [...whole, '-o', out, paths.packages].map((arg) => arg.replaceAll('OUT', out).replaceAll('ROOT', folder.path))
      const theirs = runCreaterepoC(of(paths.theirs))
      return { ours: await runMirror(['createrepo', ...of(paths.ours)]), theirs }
    },
    differences: (...also) =>
      unaccepted(compareMetadata(paths.ours, paths.theirs), createrepoCVersion(), [...accepted, ...also]),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

/** What the versions of createrepo_c have different defaults for. */
function defaults(args: string[]): string[] {
  const compressed = args.some((arg) => arg.includes('compress-type')) ? [] : ['--general-compress-type=gz']
  return args.includes('--database') ? compressed : [...compressed, '--no-database']
}

/** A folder that has been got wrong before: packages, by their paths, and how both are run on them. */
export interface Trap {
  packages: Record<string, RpmSpec | Buffer>
  args?: string[]
  /** What is done before the runs, as making links. */
  prepare?: (folders: SideBySide) => unknown
  /** On top of what is accepted everywhere. */
  accepted?: Accepted[]
}

/** Expects that both end with 0 and that what they wrote means the same; skips what this createrepo_c has not. */
export async function expectNoDifference(trap: Trap, skip: (reason: string) => void): Promise<void> {
  const { packages, args = [], prepare, accepted = [] } = trap
  await using both = await makeSideBySide(packages)
  await prepare?.(both)
  const { ours, theirs } = await both.run(...args)
  if (/Unknown(\/Unsupported| option)/.test(theirs.stderr))
    skip(`createrepo_c was built without: ${theirs.stderr.trim()}`)
  expect(theirs.status, theirs.stderr).toBe(0)
  expect(ours.status, ours.stderr).toBe(0)
  const differences = both.differences(...accepted)
  if (differences.length > 0) expect.fail(differences.join('\n'))
}
