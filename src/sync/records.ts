import { MirrorError } from '../errors.ts'
import { type DocumentName, documents } from '../repodata/documents.ts'
import type { Repomd, RepomdRecord } from '../repodata/repomd.ts'

/**
 * Types of records that are not carried: what is derived from package files that may not be selected, and from the
 * documents that are written anew. Nor are copies in zchunk's form, of whatever: clients take them before the others.
 */
const leftOut = /^(?:(?:primary|filelists|filelists-ext|other)(?:_db)?|prestodelta|deltainfo|.+_zck)$/

/** The records besides the three documents that ride along byte for byte: comps, modules, updateinfo and any other. */
export function carriedRecords({ records }: Repomd): RepomdRecord[] {
  return records.filter(({ type }) => !leftOut.test(type))
}

/** All records besides the three documents. */
export function otherRecords({ records }: Repomd): RepomdRecord[] {
  return records.filter(({ type }) => !documents.some((name) => name === type))
}

/** The records of the three documents. @throws E_REPOMD where there is no primary */
export function documentRecords({ records: all }: Repomd): Partial<Record<DocumentName, RepomdRecord>> {
  const found = documents.map((name) => [name, all.find(({ type }) => type === name)] as const)
  const records = Object.fromEntries(found.filter(([, record]) => record !== undefined))
  if (records.primary === undefined) throw new MirrorError('E_REPOMD', 'repomd.xml names no primary')
  return records
}

/** Whether a record is the modules documents of a repository. */
export function isModules({ type }: Pick<RepomdRecord, 'type'>): boolean {
  return type === 'modules'
}
