import { type Digest, difference } from '../digest.ts'
import { MirrorError } from '../errors.ts'
import { measure } from '../publish/measure.ts'
import { readOpened } from '../repodata/compression.ts'
import { documents, kinds } from '../repodata/documents.ts'
import { readPrimaryRecord } from '../repodata/primary/select.ts'
import { parseRepomd, type Repomd, type RepomdRecord } from '../repodata/repomd.ts'
import { openRecords } from '../xml/cut.ts'

/** A repository that nobody has vouched for yet: what its files are, and where each content is to be read. */
export type Candidate = {
  repomd: Buffer
  /** sha256 and size of the file at a path; undefined where there is none. */
  file: (path: string) => { sha256: string; size: number } | undefined
  /** Where a content can be read. */
  contentFile: (sha256: string) => string
}

/** What its metadata lists. Bytes are those of the packages, by their stated sizes. */
export type Listed = { repomd: Repomd; packages: number; bytes: number }

/**
 * Reads a repository's metadata as a client does and sees that everything that it names is there, with the size and
 * digest that it states, so that what is published from it is whole.
 * @throws E_REPOMD, E_MISMATCH, E_CHECKSUM, E_SIZE and those of the readers, naming document and file
 */
export async function checkFits(candidate: Candidate): Promise<Listed> {
  const repomd = parseRepomd(candidate.repomd)
  for (const record of repomd.records) await checkRecord(record, candidate)
  for (const name of documents)
    if (!repomd.records.some(({ type }) => type === name))
      throw new MirrorError('E_REPOMD', `repomd.xml names no ${name}`)
  const primary = repomd.records.find(({ type }) => type === 'primary') as RepomdRecord
  return { repomd, ...(await checkPackages(primary, candidate)) }
}

async function checkRecord({ type, href, base, checksum, size }: RepomdRecord, candidate: Candidate): Promise<void> {
  await checkFile(`record ${type} of repomd.xml`, { href, base, checksum, size }, candidate)
}

/** Hashing in another algorithm than sha256 means reading a file once more: old repositories alone have that. */
async function checkPackages(record: RepomdRecord, candidate: Candidate): Promise<Pick<Listed, 'packages' | 'bytes'>> {
  const { sha256 } = candidate.file(pathOf(record)) as { sha256: string }
  const { head, batches } = await openRecords(readOpened(candidate.contentFile(sha256), record), kinds.primary)
  const counted = { packages: 0, bytes: 0 }
  for await (const batch of batches)
    for (const bytes of batch) {
      const { name, href, base, checksum, size } = readPrimaryRecord(bytes)
      await checkFile(`package ${name} of primary`, { href, base, checksum, size }, candidate)
      counted.packages++
      counted.bytes += size
    }
  if (head.packages !== undefined && head.packages !== counted.packages)
    throw new MirrorError('E_MISMATCH', `primary: ${head.packages} packages stated, found ${counted.packages}`)
  return counted
}

type Named = { href: string; base: string | undefined; checksum: Digest; size: number | undefined }

async function checkFile(what: string, named: Named, { file, contentFile }: Candidate): Promise<void> {
  const { href, base, checksum, size } = named
  const shown = JSON.stringify(href.slice(0, 200))
  const found = base === undefined ? file(pathOf(named)) : undefined
  if (found === undefined) throw new MirrorError('E_MISMATCH', `${what}: there is no file ${shown}`)
  if (size !== undefined && found.size !== size)
    throw new MirrorError('E_SIZE', `${what}: ${shown}: size expected ${size}, found ${found.size}`)
  const is = await digestOf(found.sha256, checksum, contentFile)
  if (is.hex !== checksum.hex) throw new MirrorError('E_CHECKSUM', `${what}: ${shown}: ${difference(checksum, is)}`)
}

async function digestOf(sha256: string, { algorithm }: Digest, contentFile: Candidate['contentFile']): Promise<Digest> {
  return algorithm === 'sha256' ? { algorithm, hex: sha256 } : measure(contentFile(sha256), algorithm)
}

/** Clients read an href as a path. */
function pathOf({ href }: Pick<Named, 'href'>): string {
  return href.replace(/^\.\//, '')
}
