import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { publish } from '../../src/publish/publish.ts'
import { type Generation, generations, repoRow } from '../../src/store/generations.ts'
import type { State } from '../../src/store/state.ts'
import { addContent, stageFiles } from '../store/opened.ts'

/** The files of a repository by their paths, with their texts; what `repomd` says stands for its repomd.xml. */
export type Files = Record<string, string>

/** The publish path that these tests use unless they name another. */
export const path = 'el9/base'

/** Publishes files as the next generation of a repository. */
export function publishFiles(state: State, files: Files, repomd: string, where = path): Promise<Generation> {
  for (const text of Object.values(files)) addContent(state, text)
  return publishStaged(state, files, repomd, where)
}

/** `publishFiles` without putting the files into the pool. */
export function publishStaged(state: State, files: Files, repomd: string, where = path): Promise<Generation> {
  stageFiles(state.database, files)
  return publish(state, destination(state, where), {
    repomd: Buffer.from(repomd),
    revision: '1',
    timestamp: 1,
    packages: 0,
    bytes: 0,
    upstreamPackages: 0,
    trust: 'none',
    overrides: undefined,
  })
}

export function destination({ database }: State, where = path): { repo: number; path: string } {
  return { repo: repoRow(database, { path: where, id: where }), path: where }
}

/** The recorded generations of a repository as `number state`. */
export function recorded(state: State, where = path): string[] {
  const rows = generations(state.database, destination(state, where).repo)
  return rows.map(({ number, state }) => `${number} ${state}`)
}

/** The files below a repository's directory, sorted. */
export function filesOf(state: State, where = path): string[] {
  const folder = join(state.root, where)
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return []
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return entries.filter((name) => !statSync(join(folder, name)).isDirectory()).sort()
}
