import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Repo } from '../config/repo.ts'
import { publishedKeys } from './gpgkeys.ts'

const hour = 3_600_000

/**
 * What a client puts into /etc/yum.repos.d/ID.repo, for dnf, yum and zypper. The client's own check of packages stays on,
 * with the keys that were asked for here where there are any, and otherwise with one that only its admin can name. Whether
 * repomd.xml has a signature zypper must be told; of one that was made here the key is beside it.
 */
export function repoFile(repo: Repo, base: string, isSigned: boolean): string {
  const url = `${base}${repoHref(repo.path)}`
  return `${[
    `[${repo.id}]`,
    `name=${repo.name ?? repo.id}`,
    `baseurl=${url}`,
    'enabled=1',
    ...signatures(repo, url, isSigned),
    `repo_gpgcheck=${isSigned ? 1 : 0}`,
    `metadata_expire=${expireSeconds(repo.retainMs)}`,
    ...(repo.moduleHotfixes ? ['module_hotfixes=1'] : []),
  ].join('\n')}\n`
}

/** Whether repomd.xml has a signature: upstream's, beside upstream's own metadata, what came in an archive, or ours. */
export function isSigned(root: string, { metadata, archive, sign, path }: Repo): boolean {
  const mayBe = metadata === 'upstream' || archive !== undefined || sign !== undefined
  return mayBe && existsSync(join(root, path, 'repodata/repomd.xml.asc'))
}

function signatures({ local, gpgkey, sign }: Repo, url: string, isSigned: boolean): string[] {
  const own = isSigned && sign !== undefined ? ['repodata/repomd.xml.key'] : []
  const keys = [...own, ...publishedKeys(gpgkey).map(({ path }) => path)].map((path) => `${url}${encodeURI(path)}`)
  const named = keys.length === 0 ? [] : [`gpgkey=${keys.join(' ')}`]
  if (gpgkey.length > 0) return ['gpgcheck=1', ...named]
  const add = keys.length === 0 ? 'gpgkey=URL' : 'to gpgkey the URL'
  if (local.length > 0)
    return [`# If these packages are signed: gpgcheck=1 and ${add} of the key.`, 'gpgcheck=0', ...named]
  return [
    `# Add ${add} of the key that upstream signs its packages with, unless rpm has it already.`,
    'gpgcheck=1',
    ...named,
  ]
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
