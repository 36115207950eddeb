import { hash } from 'node:crypto'
import { readOpened } from '../../repodata/compression.ts'
import { type Advisory, readAdvisory } from '../../repodata/updateinfo/advisory.ts'
import { cutUpdates } from '../../repodata/updateinfo/updateinfo.ts'
import { type PublishedDocument, readingDocument } from '../documents.ts'

/** The advisories that came, went, and are told in other words; each with what it says last. */
export type Advisories = { added: Advisory[]; removed: Advisory[]; changed: Advisory[] }

/**
 * Compares two updateinfo documents by the ids of their advisories. Those whose bytes are in both, which is most of them, are
 * not read any further.
 */
export async function compareAdvisories(
  before: PublishedDocument | undefined,
  after: PublishedDocument | undefined,
): Promise<Advisories> {
  if (before?.sha256 === after?.sha256) return { added: [], removed: [], changed: [] }
  const left = new Set<string>()
  await eachUpdate(before, (update) => left.add(digestOf(update)))
  const past = new Set(left)
  const came = new Map<string, Advisory>()
  await eachUpdate(after, (update) => {
    const digest = digestOf(update)
    left.delete(digest)
    if (!past.has(digest)) addTo(came, update)
  })
  const went = new Map<string, Advisory>()
  if (left.size > 0)
    await eachUpdate(before, (update) => {
      if (left.has(digestOf(update))) addTo(went, update)
    })
  return {
    added: [...came.values()].filter(({ id }) => !went.has(id)),
    removed: [...went.values()].filter(({ id }) => !came.has(id)),
    changed: [...came.values()].filter(({ id }) => went.has(id)),
  }
}

function addTo(advisories: Map<string, Advisory>, update: Buffer): void {
  const advisory = readAdvisory(update)
  advisories.set(advisory.id, advisory)
}

async function eachUpdate(document: PublishedDocument | undefined, visit: (update: Buffer) => void): Promise<void> {
  if (document === undefined) return
  await readingDocument(document, async () => {
    for await (const update of cutUpdates(readOpened(document.file, document.record))) visit(update)
  })
}

function digestOf(update: Buffer): string {
  return hash('sha1', update, 'base64')
}

/** Every CVE of the advisories, once, in its numbers' order. */
export function cvesOf(advisories: readonly Advisory[]): string[] {
  const all = new Set(advisories.flatMap(({ cves }) => cves))
  return [...all].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
}
