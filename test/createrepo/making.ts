import { readdirSync, readFileSync, utimesSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type CreaterepoFlags, optionsOf } from '../../src/cli/createrepoFlags.ts'
import { createrepo } from '../../src/createrepo/createrepo.ts'
import type { Created } from '../../src/createrepo/options.ts'
import { readOpened } from '../../src/repodata/compression.ts'
import { parseRepomd, type Repomd } from '../../src/repodata/repomd.ts'
import { type RpmSpec, writeRpm } from '../helpers/rpmfile.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'

const program = join(import.meta.dirname, '../../src/main.ts')

/** A folder of packages that repositories are made of, in this process. */
export interface Making extends AsyncDisposable {
  /** The folder of the packages. */
  packages: string
  /** The lines that the last run had for a person. */
  warnings: string[]
  add(path: string, spec: RpmSpec | Buffer): Promise<string>
  run(flags?: CreaterepoFlags): Promise<Created>
  repomd(folder?: string): Repomd
  /** The bytes of a metadata file as they were before compression. */
  open(type: string, folder?: string): Promise<string>
  /** The hrefs of primary, in its order. */
  hrefs(folder?: string): Promise<string[]>
}

export async function makeMaking(packages: Record<string, RpmSpec | Buffer>): Promise<Making> {
  const folder = await makeTemporaryFolder()
  const directory = join(folder.path, 'packages')
  await mkdir(directory)
  for (const [path, spec] of Object.entries(packages)) await writeRpm(directory, path, spec)
  const making: Making = {
    packages: directory,
    warnings: [],
    add: (path, spec) => writeRpm(directory, path, spec),
    run(flags = {}) {
      making.warnings = []
      const warn = (line: string) => void making.warnings.push(line)
      return createrepo(optionsOf(directory, flags), { program, warn, signal: new AbortController().signal })
    },
    repomd: (of = directory) => parseRepomd(readFileSync(join(of, 'repodata/repomd.xml'))),
    async open(type, of = directory) {
      const record = making.repomd(of).records.find((each) => each.type === type)
      if (record === undefined) throw new Error(`no record ${type}`)
      const parts: Buffer[] = []
      for await (const part of readOpened(join(of, record.href), record)) parts.push(part)
      return Buffer.concat(parts).toString()
    },
    hrefs: async (of = directory) =>
      [...(await making.open('primary', of)).matchAll(/<location[^>]* href="([^"]*)"/g)].map(
        ([, href]) => href as string,
      ),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
  return making
}

/** Packages of those names, each a file of its own. */
export function named(...names: string[]): Record<string, RpmSpec> {
  return Object.fromEntries(names.map((name) => [`${name}.rpm`, { name }]))
}

/** Gives a file another time, as touching it would. */
export function touch(file: string): void {
  utimesSync(file, 1_700_000_000, 1_700_000_000)
}

/** The names in repodata/, sorted. */
export function filesOf(folder: string): string[] {
  return readdirSync(join(folder, 'repodata')).sort()
}
