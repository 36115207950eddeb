import type { Dirent } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { type OpenFile, pathOfOpen } from './file.ts'
import { type Entry, renderListing, stylePolicy } from './listingPage.ts'
import { type HttpResponse, textResponse } from './message.ts'
import { isServed } from './path.ts'

/**
 * The page that lists an open folder: what would be served and nothing else, folders first, then by name.
 * Sizes and dates are left out when it has more than `details` entries.
 */
export async function listing(folder: OpenFile, segments: readonly string[], details: number): Promise<HttpResponse> {
  const path = pathOfOpen(folder.fd)
  const served = (await readdir(path, { withFileTypes: true })).filter(isListed).sort(byKindAndName)
  const entries = served.length > details ? served.map(nameOf) : await describeAll(path, served)
  const security = { 'content-security-policy': stylePolicy, 'referrer-policy': 'no-referrer' }
  return textResponse(200, 'text/html; charset=utf-8', renderListing(segments, entries), security)
}

function isListed(entry: Dirent): boolean {
  return isServed(entry.name) && (entry.isFile() || entry.isDirectory())
}

/** By code unit, so that the order is the same on every host. */
function byKindAndName(a: Dirent, b: Dirent): number {
  const kinds = Number(b.isDirectory()) - Number(a.isDirectory())
  return kinds !== 0 ? kinds : Number(a.name > b.name) - Number(a.name < b.name)
}

const nameOf = (entry: Dirent): Entry => ({ name: entry.name, folder: entry.isDirectory() })

/** 64 at a time: enough to keep the file system busy, few enough to leave its threads to others. */
async function describeAll(path: string, served: readonly Dirent[]): Promise<Entry[]> {
  const entries: Entry[] = []
  for (let start = 0; start < served.length; start += 64) {
    entries.push(...(await Promise.all(served.slice(start, start + 64).map((entry) => describe(path, entry)))))
  }
  return entries
}

/** An entry that vanished since it was read keeps its name: the link then says 404, the page still stands. */
async function describe(path: string, dirent: Dirent): Promise<Entry> {
  const entry = nameOf(dirent)
  const stats = await lstat(`${path}/${entry.name}`).catch(() => undefined)
  if (stats === undefined) return entry
  return entry.folder ? { ...entry, modified: stats.mtime } : { ...entry, size: stats.size, modified: stats.mtime }
}
