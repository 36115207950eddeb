import { publishSet } from '../publish/directory.ts'
import { stage } from '../publish/staging.ts'
import { additionalRecords } from './additional.ts'
import { makeDocuments } from './documentSet.ts'
import type { Created, CreaterepoOptions, Surroundings } from './options.ts'
import type { Report } from './report.ts'
import { OldUnusable } from './update/old.ts'
import { Reuse } from './update/reuse.ts'
import { settle } from './update/settle.ts'
import { type Found, findPackages } from './walk.ts'

/** What was made, the files that repomd.xml names now, below the output folder, and whether nothing was left for later. */
export type Made = Created & { files: string[]; isAll: boolean }

/** Writes the metadata of what was found, and publishes it. */
export async function makeMetadata(
  found: Found,
  given: CreaterepoOptions,
  surroundings: Surroundings,
  report: Report,
): Promise<Made> {
  const { ignoreLock, output } = given
  await using staging = await stage(output, { ignoreLock, notice: surroundings.warn })
  await using reuse = given.update && (await Reuse.open(given, surroundings.warn))
  const listed = given.update?.recyclePkglist === true ? recycled(reuse, given) : found
  const { found: chosen, options, isAll } = await settle(listed, reuse, given, surroundings)
  const make = (from: Reuse | undefined) =>
    makeDocuments(chosen.packages, from, options, surroundings, staging.folder, report)
  const made = await make(reuse).catch((error: unknown) => {
    if (!(error instanceof OldUnusable)) throw error
    surroundings.warn(`${error.message}; every package is read anew`)
    report.again()
    return make(undefined)
  })
  const others = await additionalRecords(chosen.modules, reuse?.own, options, staging.folder, surroundings.warn)
  surroundings.signal.throwIfAborted()
  const published = await publishSet(
    staging,
    {
      revision: options.revision ?? String(Math.floor(Date.now() / 1000)),
      tags: options.tags,
      staged: [...made.staged, ...others.staged],
      kept: [...made.kept, ...others.kept],
    },
    {
      ...options.retention,
      names: options.names,
      unlessSame: options.update !== undefined,
      timestamp: options.timestampToRevision ? Number(options.revision) : undefined,
    },
  )
  if (options.readPkgsList !== undefined) report.writeRead(options.readPkgsList)
  const files = published.repomd.records.map(({ href }) => href)
  const { packages } = made
  return { packages, read: report.read, leftOut: report.leftOut, changed: published.changed, files, isAll }
}

/** The packages that the earlier metadata lists, and those of a list that was given besides. */
function recycled(reuse: Reuse | undefined, { directory, choice }: CreaterepoOptions): Found {
  const pkglist = [...new Set([...(choice.pkglist ?? []), ...(reuse?.hrefs ?? [])])]
  return findPackages(directory, { ...choice, pkglist })
}
