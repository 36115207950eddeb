import type { Created, CreaterepoOptions, Surroundings } from './options.ts'
import { Report } from './report.ts'
import { isMadeOf, listingOf, rememberListing } from './update/listing.ts'
import { findPackages } from './walk.ts'

/**
 * Makes a repository of a directory: finds its packages, writes their records, publishes them beside what else there is.
 * A file that cannot be used is left out and told; everything else that goes wrong leaves what was published before.
 */
export async function createrepo(
  options: CreaterepoOptions,
  surroundings: Surroundings,
  found = findPackages(options.directory, options.choice),
): Promise<Created> {
  const { warn } = surroundings
  const report = new Report(warn)
  for (const { file, reason } of found.problems) report.leaveOut(file, reason)
  const listing = isListable(options) ? listingOf(found, options) : undefined
  if (listing !== undefined && report.leftOut === 0 && isMadeOf(listing, options.output))
    return { packages: found.packages.length, read: 0, leftOut: 0, changed: false }
  // To load what makes metadata takes longer than to see that there is nothing to make.
  const { makeMetadata } = await import('./make.ts')
  const { files, isAll, ...created } = await makeMetadata(found, options, surroundings, report)
  if (listing !== undefined && isAll && report.leftOut === 0 && listingOf(found, options) === listing)
    rememberListing(listing, files, options.output)
  return created
}

/** Whether there can be nothing to do: with a retention, files age even where nothing else changes. */
function isListable({ update, readPkgsList, retention }: CreaterepoOptions): boolean {
  const retains = retention.retainOldMd !== undefined || retention.retainOldMdByAge !== undefined
  return update?.skipStat === false && readPkgsList === undefined && !retains
}
