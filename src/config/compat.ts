import { type Layer, setting } from './layers.ts'
import type { Repo } from './repo.ts'

type Compatible = Pick<Repo, 'compression' | 'databases' | 'readableBy'>

/**
 * How metadata is written for the oldest clients that are to read it: yum 3 reads no zstd, and EL 6's is quicker with
 * databases than with making its own of XML.
 */
const profiles = {
  el6: { compression: 'gz', databases: true, readableBy: 'yum' },
  el7: { compression: 'gz', databases: false, readableBy: 'yum' },
  modern: { compression: 'upstream', databases: false, readableBy: 'dnf' },
} as const satisfies Record<string, Compatible>

/** What `compat` says, where no key of its own says something else. */
export function compatibleSettings(layers: readonly Layer[]): Compatible {
  const { compression, databases, readableBy } = profiles[setting(layers, 'compat') ?? 'modern']
  return {
    compression: setting(layers, 'compression') ?? compression,
    databases: setting(layers, 'databases') ?? databases,
    readableBy,
  }
}
