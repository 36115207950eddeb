import type { BadInput } from './badInputs.ts'
import { editDocument } from './upstreamEdits.ts'

/** What is done to the text of a document. */
export type Change = (text: string) => string | Buffer

/** Replaces the first match, or every one of a global expression. */
export function within(from: string | RegExp, to: string): Change {
  return (text) => text.replace(from, to)
}

/** A document with the right checksums in repomd.xml whose content is wrong, and the code and reason that it gets. */
export function broken(type: string, what: string, change: Change, code: string, reason: string | RegExp): BadInput {
  const line = `${code} REPO: Cannot sync from URL: Cannot read ${type}: `
  return {
    what: `${type}: ${what}`,
    spoil: ({ dir }) => editDocument(dir, type, change),
    line: typeof reason === 'string' ? line + reason : new RegExp(`^${line}${reason.source}`),
  }
}
