import { MirrorError } from '../../errors.ts'
import type { RepomdRecord } from '../../repodata/repomd.ts'
import { mapLocation } from '../location.ts'

/** What is located in upstream's own metadata: an href, and the xml:base that it is relative to instead of the repository. */
type Location = { href: string; base?: string | undefined }

/**
 * The path of a package at upstream's own href, as dnf and zypper read it: `%` stands for itself.
 * @throws E_PATH where clients would look for it elsewhere
 */
export function packagePath(location: Location): string {
  checkBase(location)
  return mapLocation(location.href.replaceAll('%', '%25'), 'upstream')
}

const name = /^repodata\/[A-Za-z0-9_][A-Za-z0-9._+~@=-]{0,239}$/

/** The path of a metadata file at upstream's own href. @throws E_PATH for one outside of repodata/ */
export function metadataPath({ type, href, base }: RepomdRecord): string {
  checkBase({ href, base })
  const path = href.replace(/^\.\//, '')
  if (name.test(path) && !path.startsWith('repodata/repomd.xml')) return path
  throw new MirrorError(
    'E_PATH',
    `record ${type} of repomd.xml: ${refused(href)}: it is no file of repodata/; ${instead}`,
  )
}

/** What to write where upstream's metadata cannot be published as it is. */
export const instead = 'write metadata: generate'

function checkBase({ href, base }: Location): void {
  if (base !== undefined) throw new MirrorError('E_PATH', `${refused(href)}: its xml:base leads elsewhere; ${instead}`)
}

function refused(href: string): string {
  return `location ${JSON.stringify(href.slice(0, 200))} is refused`
}
