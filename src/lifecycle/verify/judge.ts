import type { Hashed } from '../../store/hashing/hashFile.ts'
import type { Pool } from '../../store/pool.ts'
import type { Finding, FindingKind } from './finding.ts'
import { nobodys } from './poolFiles.ts'
import type { Read, Surveyed } from './survey.ts'
import { checkMode } from './treeFiles.ts'

/** What is wrong with a file that should hold a content. */
type Wrong = { kind: FindingKind; detail: string }

/** What follows from what was read, for the pool's files and for those published ones that are files of their own. */
export function findingsOf(surveyed: Surveyed, read: Read, pool: Pool): Finding[] {
  return [...poolFindings(surveyed, read, pool), ...otherFindings(surveyed, read)]
}

function poolFindings({ pool, sizes, named, linked }: Surveyed, read: Read, { path }: Pool): Finding[] {
  const found: Finding[] = []
  for (const [sha256, file] of pool) {
    const [first, ...others] = linked.get(sha256) ?? []
    const names = first === undefined ? 0 : 1 + others.length
    const about = { path: first?.path ?? path(sha256), sha256, repo: first?.repo, isPooled: true, names }
    const wrong = wrongOf(sha256, file.size, sizes.get(sha256), read.get(file.ino))
    if (wrong !== undefined) found.push({ ...about, ...wrong })
    checkMode(about.path, file.mode, 0o644, { found: (kind, _path, detail) => found.push({ ...about, kind, detail }) })
  }
  for (const [sha256] of named)
    if (!pool.has(sha256) && sizes.has(sha256))
      found.push({ ...nobodys, kind: 'missing', path: path(sha256), detail: 'not in the pool', sha256, isPooled: true })
  return found
}

function otherFindings({ others, sizes }: Surveyed, read: Read): Finding[] {
  const found: Finding[] = []
  for (const { path, sha256, repo, ino, size, mode } of others) {
    const about = { path, sha256, repo, isPooled: false, names: 1 }
    const wrong = wrongOf(sha256, size, sizes.get(sha256), read.get(ino))
    if (wrong !== undefined) found.push({ ...about, ...wrong })
    else if (read.has(ino)) found.push({ ...about, kind: 'copy', detail: 'a file of its own with the right content' })
    checkMode(path, mode, 0o644, { found: (kind, _path, detail) => found.push({ ...about, kind, detail }) })
  }
  return found
}

/** What is wrong with a file; undefined for nothing, or where it was not to be read. */
export function wrongOf(
  sha256: string,
  size: number,
  recorded: number | undefined,
  hashed: Hashed | undefined,
): Wrong | undefined {
  if (recorded !== undefined && recorded !== size)
    return { kind: 'size', detail: `size expected ${recorded}, found ${size}` }
  if (hashed === undefined) return undefined
  if ('failure' in hashed) return { kind: 'unreadable', detail: `it cannot be read: ${hashed.failure}` }
  if (hashed.sha256 === sha256) return undefined
  const difference = `sha256 expected ${sha256.slice(0, 16)}..., found ${hashed.sha256.slice(0, 16)}...`
  return { kind: 'rot', detail: difference }
}
