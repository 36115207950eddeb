import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Documents } from '../../src/lifecycle/documents.ts'
import { parseRepomd } from '../../src/repodata/repomd.ts'

/** The metadata files of a repository in a folder, as those of a generation. */
export function documentsIn(folder: string): Documents {
  const { records } = parseRepomd(readFileSync(join(folder, 'repodata/repomd.xml')))
  return new Map(
    records.map((record) => [record.type, { file: join(folder, record.href), sha256: record.checksum.hex, record }]),
  )
}
