import { plainName } from '../publish/metadataName.ts'
import type { MetadataFile } from '../publish/pooled.ts'
import type { RepomdRecord } from '../repodata/repomd.ts'
import type { Content } from '../store/content.ts'

/**
 * A metadata file that is published as the upstream has it, byte for byte, under a name that holds its digest, so
 * that generations can stand side by side.
 */
export function carriedFile(record: RepomdRecord, content: Content): MetadataFile {
  const { openChecksum, openSize } = record
  return {
    ...content,
    type: record.type,
    path: `repodata/${content.sha256}-${nameOf(record)}`,
    openChecksum,
    openSize,
  }
}

/** The file's name without the digest before it, or one made of the type where the name is not safe to use. */
function nameOf({ href, type }: RepomdRecord): string {
  const name = plainName(href.slice(href.lastIndexOf('/') + 1))
  return /^[A-Za-z0-9][A-Za-z0-9._+-]{0,100}$/.test(name) ? name : type.replaceAll(/[^A-Za-z0-9_-]/g, '_')
}
