import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { publish } from '../src/publish/publish.ts'
import { contentRows } from '../src/store/content.ts'
import { repoRow } from '../src/store/generations.ts'
import { stageMembers } from '../src/store/members.ts'
import type { State } from '../src/store/state.ts'

/** Puts bytes into the pool with their rows; their digests. */
export function fillPool({ pool, tmp, database }: State, all: readonly Uint8Array[]): string[] {
  const contents = all.map((bytes) => {
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    writeFileSync(join(tmp, sha256), bytes)
    pool.adopt(join(tmp, sha256), sha256)
    return { sha256, size: bytes.length, digest: { algorithm: 'sha256', hex: sha256 } as const }
  })
  contentRows(database).add(contents)
  return contents.map(({ sha256 }) => sha256)
}

/** Publishes contents as packages of the next generation of `path`. */
export async function publishContents(state: State, path: string, contents: readonly string[], repomd: string) {
  const staged = stageMembers(state.database)
  staged.clear()
  for (const sha256 of contents)
    staged.add({ path: `Packages/${sha256}.rpm`, kind: 'package', sha256, dropped: undefined })
  staged.done()
  const counts = { packages: contents.length, bytes: 0, upstreamPackages: contents.length }
  const made = { revision: '1', timestamp: 1, trust: 'none', overrides: undefined, ...counts }
  const repo = repoRow(state.database, { path, id: path })
  return await publish(state, { repo, path }, { ...made, repomd: Buffer.from(repomd) })
}
