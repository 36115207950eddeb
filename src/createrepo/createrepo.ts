import { isMadeOf, listingOf, rememberListing } from './listing.ts'
import type { CreaterepoOptions } from './options.ts'
import { Report } from './report.ts'
import { findPackages } from './walk.ts'

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
  // To load what makes metadata takes longer than to see that there is nothing to make.
  const { makeMetadata } = await import('./make.ts')
  const { files, ...created } = await makeMetadata(found, options, surroundings, report)
  if (listing !== undefined && report.leftOut === 0 && listingOf(found, options) === listing)
    rememberListing(listing, files, options.output)
  return created
}
