import { join } from 'node:path'
import type { DocumentName } from '../repodata/documents.ts'
import type { Run } from './run.ts'

/** Where a document is spilled that is not in primary's order. */
export function spillPath(name: DocumentName, { state }: Run): string {
  return join(state.tmp, `${name}-${process.pid}.spill`)
}
