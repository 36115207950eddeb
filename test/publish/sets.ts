import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type MetadataSet, type Policy, type Published, publishSet } from '../../src/publish/directory.ts'
import type { Staging } from '../../src/publish/staging.ts'
import { stage } from '../../src/publish/staging.ts'
import { parseRepomd } from '../../src/repodata/repomd.ts'
import { stageFile } from './stageFile.ts'

/** Publishes the metadata of the repository in `from` in another directory. */
export async function publishLike(
  from: string,
  dir: string,
  policy: Policy = {},
  notices: string[] = [],
): Promise<Published> {
  await using staging = await stage(dir, { notice: (message) => notices.push(message) })
  return await publishSet(staging, await stagedLike(from, staging), policy)
}

export async function stagedLike(from: string, { folder }: Staging): Promise<MetadataSet> {
  const { revision, tags, records } = parseRepomd(readFileSync(join(from, 'repodata/repomd.xml')))
  const staged = records.map(async ({ type, href }) => {
    const name = basename(href)
    return { type, name, written: await stageFile(join(from, href), join(folder, name)) }
  })
  return { revision, tags, kept: [], staged: await Promise.all(staged) }
}

/** The names in a directory's repodata/, sorted, checksums cut to what the name goes on with. */
export function shownNames(dir: string): string[] {
  return readdirSync(join(dir, 'repodata')).sort()
}

/** The files that the repomd.xml of a directory names. */
export function namedFiles(dir: string): string[] {
  return parseRepomd(readFileSync(join(dir, 'repodata/repomd.xml'))).records.map(({ href }) => basename(href))
}

export function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8)
}
