import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Hasher } from '../../digest.ts'
import { PartFile } from '../../store/part.ts'
import type { State } from '../../store/state.ts'
import { compare } from './incoming.ts'
import type { Manifest } from './manifest.ts'
import type { Taker } from './read.ts'

/** What a dry run takes contents in with: nothing of them stays. `file` is where one that is kept for a while lies. */
export type DryIncoming = Taker & Disposable & { file(sha256: string): string | undefined }

/** Reads and compares contents without the pool. Metadata is kept until the end, so that it can be looked into. */
export function dryIncoming({ repos }: Manifest, { tmp }: State): DryIncoming {
  const folder = join(tmp, `import-${process.pid}`)
  const members = repos.flatMap(({ members: files }) => files)
  const metadata = new Set(members.filter(({ path }) => path.startsWith('repodata/')).map(({ sha256 }) => sha256))
  for (const { generation } of repos) metadata.add(generation.repomd)
  const kept = new Set<string>()
  let expected = ''
  let hasher = new Hasher()
  let part: PartFile | undefined
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)

  return {
    begin({ sha256 }) {
      ;[expected, hasher] = [sha256, new Hasher()]
      if (metadata.has(sha256)) part = PartFile.create(join(folder, sha256))
    },
    data(chunk) {
      if (part === undefined) hasher.update(chunk)
      else part.append(chunk)
    },
    async end() {
      const { sha256 } = part === undefined ? hasher.finish() : await part.finish(0)
      compare(expected, sha256)
      if (part !== undefined) kept.add(expected)
      part?.close()
      part = undefined
    },
    file: (sha256) => (kept.has(sha256) ? join(folder, sha256) : undefined),
    [Symbol.dispose]() {
      part?.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
