import { hash } from 'node:crypto'
import { readOpened } from '../../repodata/compression.ts'
import { type Advisory, readAdvisory } from '../../repodata/updateinfo/advisory.ts'
import { updatesOf } from '../../repodata/updateinfo/updateinfo.ts'
import { type PublishedDocument, readingDocument } from '../documents.ts'

/** The advisories that came, went, and are told in other words; each with what it says last. */
export type Advisories = { added: Advisory[]; removed: Advisory[]; changed: Advisory[] }

/** Compares two updateinfo documents by the ids of their advisories, whose bytes are held against each other. */
export async function compareAdvisories(
  before: PublishedDocument | undefined,
  after: PublishedDocument | undefined,
): Promise<Advisories> {
  const advisories: Advisories = { added: [], removed: [], changed: [] }
  if (before?.sha256 === after?.sha256) return advisories
  const past = await digestsOf(before)
  const left = new Set(past.keys())
  await eachUpdate(after, (update, advisory) => {
    const digests = past.get(advisory.id)
    left.delete(advisory.id)
    if (digests === undefined) advisories.added.push(advisory)
    else if (!digests.has(digestOf(update))) advisories.changed.push(advisory)
  })
  if (left.size > 0)
    await eachUpdate(before, (_, advisory) => {
      if (left.has(advisory.id)) advisories.removed.push(advisory)
    })
  return advisories
}

/** By id; a document may have one more than once. */
async function digestsOf(document: PublishedDocument | undefined): Promise<Map<string, Set<string>>> {
  const digests = new Map<string, Set<string>>()
  await eachUpdate(document, (update, { id }) => {
    const known = digests.get(id)
    if (known === undefined) digests.set(id, new Set([digestOf(update)]))
    else known.add(digestOf(update))
  })
  return digests
}

async function eachUpdate(
  document: PublishedDocument | undefined,
  visit: (update: Buffer, advisory: Advisory) => void,
): Promise<void> {
  if (document === undefined) return
  await readingDocument(document, async () => {
    for await (const update of updatesOf(readOpened(document.file, document.record)))
      visit(update, readAdvisory(update))
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
