import { publishSet } from '../publish/directory.ts'
import { stage } from '../publish/staging.ts'
import { additionalRecords } from './additional.ts'
import { makeDocuments } from './documentSet.ts'
import { OldUnusable } from './old.ts'
import type { Created, CreaterepoOptions, Surroundings } from './options.ts'
import type { Report } from './report.ts'
import { Reuse } from './reuse.ts'
import { type Found, findPackages } from './walk.ts'

/** What was made, and the files that repomd.xml names now, below the output folder. */
export type Made = Created & { files: string[] }

/** Writes the metadata of what was found, and publishes it. */
export async function makeMetadata(
  found: Found,
  options: CreaterepoOptions,
  surroundings: Surroundings,
  report: Report,
): Promise<Made> {
  const { ignoreLock, output } = options
  await using staging = await stage(output, { ignoreLock, notice: surroundings.warn })
  await using reuse = options.update && (await Reuse.open(options, surroundings.warn))
  const chosen = options.update?.recyclePkglist === true ? recycled(reuse, options) : found
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
  return { packages: made.packages, read: report.read, leftOut: report.leftOut, changed: published.changed, files }
}

/** The packages that the earlier metadata lists, and those of a list that was given besides. */
function recycled(reuse: Reuse | undefined, { directory, choice }: CreaterepoOptions): Found {
  const pkglist = [...new Set([...(choice.pkglist ?? []), ...(reuse?.hrefs ?? [])])]
  return findPackages(directory, { ...choice, pkglist })
}
