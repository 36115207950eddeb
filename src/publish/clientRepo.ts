import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Repo } from '../config/repo.ts'

const hour = 3_600_000

/**
 * What a client puts into /etc/yum.repos.d/ID.repo, for dnf, yum and zypper. Packages carry whatever signatures the
 * upstream gave them, which nobody here has checked: the client's own check stays on, with a key that only its admin can
 * name. Whether repomd.xml has a signature zypper must be told.
 */
export function repoFile(repo: Repo, base: string, isSigned: boolean): string {
  return `${[
    `[${repo.id}]`,
    `name=${repo.name ?? repo.id}`,
    `baseurl=${base}${repoHref(repo.path)}`,
    'enabled=1',
    ...signatures(repo),
    `repo_gpgcheck=${isSigned ? 1 : 0}`,
    `metadata_expire=${expireSeconds(repo.retainMs)}`,
    ...(repo.moduleHotfixes ? ['module_hotfixes=1'] : []),
  ].join('\n')}\n`
}

/** Whether repomd.xml has a signature: upstream's, beside upstream's own metadata, or what came in an archive. */
export function isSigned(root: string, { metadata, archive, path }: Repo): boolean {
  return (metadata === 'upstream' || archive !== undefined) && existsSync(join(root, path, 'repodata/repomd.xml.asc'))
}

function signatures({ local }: Repo): string[] {
  if (local.length > 0) return ['# If these packages are signed: gpgcheck=1 and gpgkey=URL of the key.', 'gpgcheck=0']
  return ['# Add gpgkey=URL of the key that upstream signs its packages with, unless rpm has it already.', 'gpgcheck=1']
}

/** A repository's folder, relative to root. */
export function repoHref(path: string): string {
  return path
    .split('/')
    .map((segment) => `${encodeURIComponent(segment)}/`)
    .join('')
}

/** A client with metadata older than `retain` may ask for files that are gone: a quarter of it, six hours at most. */
function expireSeconds(retainMs: number): number {
  return Math.round(Math.max(60_000, Math.min(6 * hour, retainMs / 4)) / 1000)
}
