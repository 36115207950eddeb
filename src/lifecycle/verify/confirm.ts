import { lstatSync } from 'node:fs'
import { relative } from 'node:path'
import { basename } from 'node:path/posix'
import type { Database } from '../../store/database.ts'
import { findRepo } from '../../store/generations.ts'
import { hashFile } from '../../store/hashing/hashFile.ts'
import type { Finding } from './finding.ts'
import type { Verifying } from './survey.ts'

/**
 * Looks at each finding once more, against the database as it is by now: beside a publication or a sweep a name may be
 * new, replaced or gone. What nobody retains any more is told as what it is.
 */
export async function confirmed(found: readonly Finding[], verifying: Verifying): Promise<Finding[]> {
  return found.flatMap((finding) => confirm(finding, verifying) ?? [])
}

function confirm(finding: Finding, { root, database, pool }: Verifying): Finding | undefined {
  const { kind, path, sha256, repo } = finding
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (kind !== 'missing' && stat === undefined) return undefined
  if (kind === 'copy') return finding
  const row = repo === undefined ? undefined : findRepo(database, repo)
  const file = repo === undefined ? '' : relative(`${root}/${repo}`, path)
  if (kind === 'foreign') return row !== undefined && namedAt(database, row, file).length > 0 ? undefined : finding
  if (sha256 === undefined) return finding
  if (kind === 'missing') return stat?.isFile() !== true ? missing(finding, database, row, file) : undefined
  if (kind === 'mode' || kind === 'link') return finding
  const now = row === undefined ? [{ sha256, current: 1 }] : namedAt(database, row, file)
  if (now.length === 0 && path !== pool.path(basename(path))) return undefined
  const hashed = hashFile(path)
  if ('failure' in hashed) return finding
  return now.some((one) => one.sha256 === hashed.sha256) ? undefined : finding
}

/** A name that is still to be there; what only older generations have, and nothing vouches for, was withdrawn. */
function missing(finding: Finding, database: Database, row: number | undefined, file: string): Finding | undefined {
  const { sha256 = '' } = finding
  const isRecorded = database.prepare('SELECT 1 FROM content WHERE sha256 = ?').get(Buffer.from(sha256, 'hex'))
  if (row === undefined) return isRecorded === undefined ? undefined : finding
  const now = namedAt(database, row, file).filter((one) => one.sha256 === sha256)
  if (now.length === 0) return undefined
  if (isRecorded !== undefined || now.some(({ current }) => current === 1)) return finding
  return { ...finding, kind: 'withdrawn', detail: 'generations before the current one name it' }
}

/** What retained generations name at a path, with whether the newest does. */
function namedAt(database: Database, repo: number, file: string): { sha256: string; current: number }[] {
  const sql =
    file === 'repodata/repomd.xml'
      ? 'SELECT lower(hex(repomd)) AS sha256, superseded IS NULL AS current FROM generation WHERE repo = ?1'
      : 'SELECT lower(hex(sha256)) AS sha256, last IS NULL AS current FROM member WHERE repo = ?1 AND path = ?2'
  const rows = database.prepare(sql)
  const found = file === 'repodata/repomd.xml' ? rows.all(repo) : rows.all(repo, file)
  return found as { sha256: string; current: number }[]
}
