import { publishSet } from '../publish/directory.ts'
import { type Staging, stage } from '../publish/staging.ts'
import { additionalRecords } from './additional.ts'
import { makeDocuments } from './documentSet.ts'
import { isMadeOf, listingOf, rememberListing } from './listing.ts'
import { OutOfStep } from './old.ts'
import type { CreaterepoOptions } from './options.ts'
import { Report } from './report.ts'
import { Reuse } from './reuse.ts'
import { type Found, findPackages } from './walk.ts'

/** What the run may use besides its options. */
export type Surroundings = {
  /** The file that reading threads run. */
  program: string
  /** Told of every line that a person should read: what is left out, what is put right. */
  warn: (line: string) => void
  signal: AbortSignal
}

/** What a run did: packages in the metadata, how many of them were read and how many files were left out. */
export type Created = { packages: number; read: number; leftOut: number; changed: boolean }

/**
 * Makes a repository of a directory: finds its packages, writes their records, publishes them beside what else there is.
 * A file that cannot be used is left out and told; everything else that goes wrong leaves what was published before.
 */
export async function createrepo(options: CreaterepoOptions, surroundings: Surroundings): Promise<Created> {
  const { warn } = surroundings
  const report = new Report(warn)
  const found = findPackages(options.directory, options.choice)
  for (const { file, reason } of found.problems) report.leaveOut(file, reason)
  const isListable = options.update?.skipStat === false && options.readPkgsList === undefined
  const listing = isListable ? listingOf(found, options) : undefined
  if (listing !== undefined && report.leftOut === 0 && isMadeOf(listing, options.output))
    return { packages: found.packages.length, read: 0, leftOut: 0, changed: false }
  await using staging = await stage(options.output, { ignoreLock: options.ignoreLock, notice: warn })
  const created = await makeAndPublish(found, options, surroundings, staging, report)
  if (listing !== undefined && report.leftOut === 0 && listingOf(found, options) === listing)
    rememberListing(listing, options.output)
  return created
}

async function makeAndPublish(
  found: Found,
  options: CreaterepoOptions,
  surroundings: Surroundings,
  staging: Staging,
  report: Report,
): Promise<Created> {
  await using reuse = options.update && (await Reuse.open(options, surroundings.warn))
  const chosen = options.update?.recyclePkglist === true ? recycled(reuse, options) : found
  const make = (from: Reuse | undefined) =>
    makeDocuments(chosen.packages, from, options, surroundings, staging.folder, report)
  const made = await make(reuse).catch((error: unknown) => {
    if (!(error instanceof OutOfStep)) throw error
    surroundings.warn(`${error.message}; every package is read anew`)
    report.again()
    return make(undefined)
  })
  const others = await additionalRecords(chosen.modules, reuse?.own, options, staging.folder)
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
  return { packages: made.packages, read: report.read, leftOut: report.leftOut, changed: published.changed }
}

/** The packages that the earlier metadata lists, and those of a list that was given besides. */
function recycled(reuse: Reuse | undefined, { directory, choice }: CreaterepoOptions): Found {
  const pkglist = [...new Set([...(choice.pkglist ?? []), ...(reuse?.hrefs ?? [])])]
  return findPackages(directory, { ...choice, pkglist })
}
