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
    path: `repodata/${content.sha256}-${plainName(record)}`,
    openChecksum,
    openSize,
  }
}

/** The file's name without the digest that createrepo_c puts before it (src/repomd.c 603-628 strips it likewise). */
function plainName({ href, type }: RepomdRecord): string {
  const name = href
    .slice(href.lastIndexOf('/') + 1)
    .replace(/^(?:[0-9a-f]{128}|[0-9a-f]{96}|[0-9a-f]{64}|[0-9a-f]{56}|[0-9a-f]{40}|[0-9a-f]{32})-/, '')
  return /^[A-Za-z0-9][A-Za-z0-9._+-]{0,100}$/.test(name) ? name : type.replaceAll(/[^A-Za-z0-9_-]/g, '_')
}
