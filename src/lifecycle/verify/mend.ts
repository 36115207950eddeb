import { lstatSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { contentRows } from '../../store/content.ts'
import { copyContent } from '../../store/copyContent.ts'
import { makeDurable } from '../../store/durable.ts'
import type { State } from '../../store/state.ts'
import { recordedContents } from './expected.ts'
import { type Finding, findingKinds } from './finding.ts'

/** What has been put right: the file that a finding is about, and where the right bytes came from. */
export type Mended = { path: string; from: string }

/**
 * Gives contents whose pool file is damaged or gone the bytes of another published file with the right content, as a new
 * inode. What there is no such file of is no longer vouched for, so that it counts as not present and is fetched again.
 * @returns what was mended, and the digests of those that lack, with their sizes as far as they are known
 */
export async function mendPool(
  state: State,
  found: readonly Finding[],
): Promise<{ mended: Mended[]; lacking: Map<string, number | undefined> }> {
  const copies = Map.groupBy(
    found.filter(({ kind }) => kind === 'copy'),
    ({ sha256 }) => sha256,
  )
  const sizes = recordedContents(state.database)
  const mended: Mended[] = []
  const lacking = new Map<string, number | undefined>()
  for (const [sha256, path] of damagedContents(state, found)) {
    const from = await firstCopy(copies.get(sha256) ?? [], sha256, state)
    if (from !== undefined) mended.push({ path, from })
    else lacking.set(sha256, sizes.get(sha256))
  }
  const rows = contentRows(state.database)
  rows.forget([...lacking.keys()])
  return { mended, lacking }
}

/** Contents that the pool does not have as they should be, with the file that is told of each. */
function damagedContents({ pool }: State, found: readonly Finding[]): Map<string, string> {
  const damaged = found.filter(
    ({ kind, sha256, isPooled }) =>
      findingKinds[kind] === 'problem' &&
      kind !== 'mode' &&
      sha256 !== undefined &&
      (isPooled || pool.size(sha256) === undefined),
  )
  return new Map(damaged.map(({ sha256, path }) => [sha256 as string, path] as const))
}

async function firstCopy(copies: readonly Finding[], sha256: string, state: State): Promise<string | undefined> {
  for (const { path } of copies) if (await takeCopy(path, sha256, state)) return path
  return undefined
}

/** Copies a file into the pool; false where its bytes are not the content's. They are hashed as they are in the copy. */
export async function takeCopy(path: string, sha256: string, { tmp, pool, database }: State): Promise<boolean> {
  const temporary = join(tmp, `${sha256}.mended`)
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() !== true) return false
  try {
    const size = copyContent(path, temporary, sha256)
    if (size === undefined) return false
    pool.adopt(temporary, sha256)
    await makeDurable([], [dirname(pool.path(sha256))])
    contentRows(database).add([{ sha256, size, digest: { algorithm: 'sha256', hex: sha256 } }])
    return true
  } finally {
    rmSync(temporary, { force: true })
  }
}
