import { dirname } from 'node:path'
import { accessOf } from './access.ts'
import { archiveOf } from './archive.ts'
import { baseUrl, withoutSecrets } from './baseurl.ts'
import type { Entry } from './entry.ts'
import { fileSetting } from './files.ts'
import { hooksOf } from './hooks.ts'
import type { KeyFile } from './keyFiles.ts'
import { type Layer, layerWith, listSetting, type Written, written, writtenItems } from './layers.ts'
import { localsOf } from './local.ts'
import { type Combination, combinations } from './matrix.ts'
import { withMetadata } from './metadata.ts'
import { listOf } from './mirrors.ts'
import { type Mistakes, type Place, placeText, quoted } from './mistakes.ts'
import { publishPath } from './paths.ts'
import type { Repo, UrlCredentials } from './repo.ts'
import { selectionOf } from './selection.ts'
import { plainSettings } from './settings.ts'
import { type Substitute, substituting } from './substitute.ts'
import { timingOf } from './timing.ts'
import { trustOf } from './trust.ts'
import { layered } from './variables.ts'

/** A repository, where its entry begins, and what of it is judged with the others or on the disk, as it is written. */
export type Resolved = {
  repo: Repo
  place: Place
  path: Written<string>
  locals: Written<string>[]
  schedule: Written<string> | undefined
  programs: Written<string>[]
  keyFiles: KeyFile[]
}

/** The repositories of one entry, one for each combination of its matrix; without id or path it is left out. */
export function resolveEntry(entry: Entry, mistakes: Mistakes): Resolved[] {
  return combinations(entry.matrix).flatMap((combination) => resolveOne(entry, combination, mistakes) ?? [])
}

type Trusting = Pick<Repo, 'trust' | 'repoGpgcheck'>

/** What the parts of one repository are worked out with. */
type Resolving = {
  own: Layer
  substitute: Substitute
  mistakes: Mistakes
  /** Takes up what URLs hold that nobody is shown. */
  secrets: UrlCredentials[]
}

function resolveOne(entry: Entry, combination: Combination, mistakes: Mistakes): Resolved | undefined {
  const { own } = entry
  const layers = [own, ...entry.defaults]
  const variables = layered(entry.variables, combination)
  const resolving: Resolving = { own, substitute: substituting(variables, mistakes), mistakes, secrets: [] }
  const id = idOf(entry.id, combination, resolving)
  const path = pathOf(id, resolving)
  const settings = plainSettings(layers)
  const { trusting, keyFiles } = trustOf({ layers, substitute: resolving.substitute, mistakes })
  const locals = localsOf(own, resolving.substitute, mistakes)
  const merge = mergedOf(trusting, resolving)
  const isApart = ['local', 'merge', 'archive'].some((key) => own.tree.within.has(key))
  const baseurl = isApart ? [] : baseurlsOf(trusting, resolving)
  const list = isApart ? undefined : listOf(own, trusting, resolving.substitute, mistakes)
  const access = accessOf(layers, resolving.secrets, resolving.substitute, mistakes)
  if (trusting.trust === 'required' && !trusting.repoGpgcheck && !access.tls.verify) unverified(layers, mistakes)
  const selection = selectionOf(layers, variables.get('basearch') ?? '', resolving.substitute, mistakes)
  const groupfile = fileSetting(layers, 'groupfile', resolving.substitute, mistakes)?.value
  const extraFiles = listSetting(layers, 'extra_files').flatMap((item) => resolving.substitute(item) ?? [])
  const name = nameOf(resolving)
  const { timing, schedule } = timingOf(layers)
  const { hooks, programs } = hooksOf(layers, resolving.substitute, mistakes)
  if (id === undefined || path === undefined) return undefined
  const place = own.tree.keyPlace
  const local = [...new Set(locals.map(({ value }) => value))]
  const archive = archiveOf(own, path.value, resolving.substitute, mistakes)
  const repo = {
    id,
    name,
    path: path.value,
    baseurl,
    list,
    merge,
    local,
    archive,
    extraFiles,
    groupfile,
    ...trusting,
    ...withMetadata({ ...settings, selection }, layers, mistakes),
    access,
    timing: archive === undefined ? timing : undefined,
    hooks,
    at: placeText(place),
  }
  return { repo, place, path, locals, schedule, programs, keyFiles }
}

function idOf(first: string, combination: Combination, { own, substitute, mistakes }: Resolving): string | undefined {
  const item = { value: first, place: own.tree.keyPlace, called: own.label }
  const start = substitute(item)
  if (start === undefined) return undefined
  const id = [start, ...combination.map(([, value]) => value)].join('-')
  if (/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,199}$/.test(id)) return id
  const write = 'use letters, digits, - _ . and :, and begin with a letter or digit'
  mistakes.about(item, `${quoted(id)} cannot be an id`, write)
}

function nameOf({ own, substitute }: Resolving): string | undefined {
  return own.keys.name === undefined ? undefined : substitute(written(own, 'name', own.keys.name))
}

function pathOf(id: string | undefined, { own, substitute, mistakes }: Resolving): Written<string> | undefined {
  const path = written(own, 'path', own.keys.path ?? '')
  const text = own.keys.path === undefined ? id : substitute(path)
  if (text === undefined) return undefined
  const result = publishPath(text)
  if ('path' in result) return { ...path, value: result.path }
  mistakes.about(path, `${quoted(text)} ${result.wrong}`, 'write a path below root, such as centos/9')
}

function baseurlsOf(trusting: Trusting, resolving: Resolving): string[] {
  const { own, substitute, mistakes } = resolving
  const list = writtenItems(own, 'baseurl', own.keys.baseurl)
  const isGiven = ['baseurl', 'metalink', 'mirrorlist'].some((key) => own.tree.within.has(key))
  if (list.length === 0 && (!isGiven || own.keys.baseurl !== undefined)) {
    mistakes.add(own.tree.keyPlace, `${own.label}: baseurl is missing`, 'write baseurl and the URL of the upstream')
  }
  return list.flatMap((item) => {
    const value = substitute(item)
    return value === undefined ? [] : (oneBaseurl({ ...item, value }, trusting, resolving) ?? [])
  })
}

/** The upstreams that are merged; none where there is one upstream. */
function mergedOf(trusting: Trusting, resolving: Resolving): string[] {
  const { own, substitute, mistakes } = resolving
  const tree = own.tree.within.get('merge')
  if (tree === undefined) return []
  const other = ['baseurl', 'mirrorlist', 'metalink', 'local'].find((key) => own.tree.within.has(key))
  if (other !== undefined)
    mistakes.add(tree.keyPlace, `${own.label}: merge and ${other} exclude each other`, 'leave one out')
  const list = writtenItems(own, 'merge', own.keys.merge).flatMap((item) => {
    const value = substitute(item)
    return value === undefined ? [] : (oneBaseurl({ ...item, value }, trusting, resolving) ?? [])
  })
  if (own.keys.merge !== undefined && own.keys.merge.length < 2)
    mistakes.add(tree.place, `${own.label}: merge names fewer than two upstreams`, 'write baseurl for one')
  return [...new Set(list)]
}

function oneBaseurl(
  item: Written<string>,
  { trust, repoGpgcheck }: Trusting,
  { mistakes, secrets }: Resolving,
): string | undefined {
  const result = baseUrl(item.value, dirname(item.place.file))
  if ('wrong' in result) {
    mistakes.about(item, `${quoted(withoutSecrets(item.value))} ${result.wrong}`, result.write)
    return undefined
  }
  if (result.secret !== undefined) secrets.push(result.secret)
  const { href, protocol } = result.url
  if (trust === 'required' && protocol !== 'https:' && !repoGpgcheck) {
    const write = 'write https://, or repo_gpgcheck: yes with gpgkey:, or trust: any'
    mistakes.about(item, `trust is required, and ${protocol} proves nothing`, write)
  }
  return href
}

function unverified(layers: readonly Layer[], mistakes: Mistakes): void {
  const layer = layerWith(layers, 'sslverify') as Layer
  const item = written(layer, 'sslverify', '')
  mistakes.about(item, 'trust is required, and a certificate that nobody verifies proves nothing', 'write trust: any')
}
