import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { checkTree } from '../../helpers/checker.ts'
import type { PackageSpec } from '../../helpers/repository.ts'

/** Packages that change with each version, with every third one, and never; the large one is there only at first. */
export function packagesAt(version: number): PackageSpec[] {
  const third = version - (version % 3)
  const moving = [{ name: 'stable' }, { name: 'alpha', version: `${version}` }, { name: 'beta', version: `${third}` }]
  return version <= 2 ? [...moving, large] : moving
}

/** Larger than what fits into the buffers of a connection. */
export const large = { name: 'large', size: 16 * 2 ** 20 }

/** What clients saw: how many files they read, and what was broken. */
export interface Reading {
  reads: number
  broken: string[]
}

/** Reads a repository over HTTP as a client does, again and again, until it is told to stop. */
export async function readOn(url: string, signal: AbortSignal): Promise<Reading> {
  const reading: Reading = { reads: 0, broken: [] }
  while (!signal.aborted) {
    const { problems, packages } = await checkTree(url, { verifyPackages: 2 })
    reading.reads += 4 + Math.min(2, packages.length)
    reading.broken.push(...problems)
    if (packages.length < 3) reading.broken.push(`only ${packages.length} packages`)
    // Without a breath, eight of them would leave the publisher no processor.
    await sleep(20)
  }
  return reading
}

/** Reads one file, 1 KiB for each tick at first, then the rest. Returns its sha256. */
export async function readSlowly(url: string, ticks: AsyncIterable<unknown>): Promise<string> {
  const [response] = (await once(get(url), 'response')) as [IncomingMessage]
  const hash = createHash('sha256')
  for await (const _ of ticks) {
    while (response.readableLength < 1024) await once(response, 'readable')
    hash.update(response.read(1024) as Buffer)
  }
  for await (const chunk of response) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
