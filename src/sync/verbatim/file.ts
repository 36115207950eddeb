import type { MetadataFile } from '../../publish/pooled.ts'
import type { RepomdRecord } from '../../repodata/repomd.ts'
import type { Content } from '../../store/content.ts'
import { metadataPath } from './hrefs.ts'

/** A metadata file at upstream's own href. */
export function verbatimFile(record: RepomdRecord, content: Content): MetadataFile {
  const { type, openChecksum, openSize } = record
  return { ...content, type, path: metadataPath(record), openChecksum, openSize }
}
