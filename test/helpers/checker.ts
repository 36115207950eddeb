import { decompress, differences, digest } from './checker/digest.ts'
import {
  type DataRecord,
  type PackageList,
  type PackageRecord,
  parsePackages,
  parseRepomd,
} from './checker/documents.ts'
import { problemsAgainstPrimary, problemsOfList, problemsOfLocations } from './checker/lists.ts'
import { openSource, type Source } from './checker/source.ts'

/** What a client saw; the repository is whole if `problems` is empty. */
export interface CheckReport {
  packages: { nevra: string; href: string; pkgid: string }[]
  problems: string[]
  revision: string
  repomdSha256: string
}

export interface CheckOptions {
  /** Which package files are read: default all, a number is a sample spread evenly over the list. */
  verifyPackages?: 'all' | 'none' | number
}

/**
 * Reads a repository as a client does, repomd.xml first and then everything that it leads to, and says what is
 * broken. Shares no code with the program, so that it can be its judge. The target is a folder or an HTTP URL.
 */
export async function checkTree(target: string, options: CheckOptions = {}): Promise<CheckReport> {
  using source = openSource(target)
  const report: CheckReport = { packages: [], problems: [], revision: '', repomdSha256: '' }
  const records = await readRepomd(source, report)
  if (records === undefined) return report
  const documents = await readDocuments(source, records, report.problems)
  const primary = readLists(documents, report.problems)
  report.packages = primary.map(({ nevra, location, pkgid }) => ({ nevra, href: location?.href ?? '', pkgid }))
  for (const item of sample(primary, options.verifyPackages ?? 'all')) await checkPackage(source, item, report.problems)
  return report
}

async function readRepomd(source: Source, report: CheckReport): Promise<DataRecord[] | undefined> {
  return attempt('repodata/repomd.xml', report.problems, async () => {
    const document = await source.read('repodata/repomd.xml')
    report.repomdSha256 = digest(document, 'sha256')
    const { revision, records } = parseRepomd(document)
    report.revision = revision
    return records
  })
}

async function readDocuments(source: Source, records: DataRecord[], problems: string[]): Promise<Map<string, Buffer>> {
  const documents = new Map<string, Buffer>()
  for (const record of records) {
    const document = await attempt(record.href, problems, () => readDocument(source, record, problems))
    if (document !== undefined) documents.set(record.type, document)
  }
  return documents
}

async function readDocument(
  source: Source,
  { href, base, stated, open }: DataRecord,
  problems: string[],
): Promise<Buffer> {
  const bytes = await source.read(href, base)
  problems.push(...differences(bytes, stated).map((problem) => `${href}: ${problem}`))
  const document = decompress(bytes)
  if (open) problems.push(...differences(document, open).map((problem) => `${href}: open ${problem}`))
  return document
}

function readLists(documents: Map<string, Buffer>, problems: string[]): PackageRecord[] {
  const primary = readList('primary', 'metadata', documents, problems)
  const filelists = readList('filelists', 'filelists', documents, problems)
  const other = readList('other', 'otherdata', documents, problems)
  if (primary === undefined) return []
  problems.push(...problemsOfLocations(primary))
  if (filelists) problems.push(...problemsAgainstPrimary('filelists', filelists, primary))
  if (other) problems.push(...problemsAgainstPrimary('other', other, primary))
  return primary.packages
}

function readList(
  type: string,
  rootName: string,
  documents: Map<string, Buffer>,
  problems: string[],
): PackageList | undefined {
  try {
    const document = documents.get(type)
    if (document === undefined) throw new Error('there is none that can be read')
    const list = parsePackages(document, rootName)
    problems.push(...problemsOfList(type, list))
    return list
  } catch (error) {
    problems.push(`${type}: ${(error as Error).message}`)
    return undefined
  }
}

async function checkPackage(source: Source, { location, stated }: PackageRecord, problems: string[]): Promise<void> {
  if (location === undefined) return
  const { href, base } = location
  const bytes = await attempt(href, problems, () => source.read(href, base))
  if (bytes) problems.push(...differences(bytes, stated).map((problem) => `${href}: ${problem}`))
}

async function attempt<T>(what: string, problems: string[], action: () => Promise<T>): Promise<T | undefined> {
  try {
    return await action()
  } catch (error) {
    problems.push(`${what}: ${(error as Error).message}`)
    return undefined
  }
}

function sample<T>(items: T[], wanted: 'all' | 'none' | number): T[] {
  if (wanted === 'all') return items
  const size = wanted === 'none' ? 0 : Math.min(wanted, items.length)
  return items.filter(
    (_, at) => Math.floor((at * size) / items.length) !== Math.floor(((at - 1) * size) / items.length),
  )
}

if (import.meta.main) {
  for (const target of process.argv.slice(2)) {
    const { problems, packages } = await checkTree(target)
    for (const problem of problems) console.log(`${target}: ${problem}`)
    if (problems.length === 0) console.log(`${target}: whole, ${packages.length} packages`)
    else process.exitCode = 1
  }
}
