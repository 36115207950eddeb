import * as z from 'zod/mini' // bundled it starts in 7 ms, the whole of zod in 20 ms
import { accessKeys } from './accessKeys.ts'
import { channelShape, channels } from './channelKeys.ts'
import { diskKeys, retentionKeys } from './diskKeys.ts'
import { list, one, scalar } from './keys.ts'
import { listKeys, mirrorKeys } from './mirrorKeys.ts'
import { paceKeys } from './paceKeys.ts'
import { proxyKeys } from './proxyKeys.ts'
import { trustKeys } from './trustKeys.ts'
import { unbuilt } from './unbuilt.ts'
import {
  buildTime,
  count,
  duration,
  line,
  listen,
  network,
  oneOf,
  percent,
  removed,
  size,
  timeZone,
  type Unit,
  variableValue,
  withDeps,
  yesNo,
} from './units.ts'

const name = line('a name', 'write one line of text')
const folder = line('a folder', 'write the path of a folder')
const glob = line('a glob', 'write package names or globs such as nginx*')
const extraFile = belowRepository()
const url = line('a URL', 'write http://, https:// or file:// and the rest, or a folder such as ./packages')
const cron = line('a cron expression', 'write five fields such as "30 4 * * *"')
const archive = line('yes or a path', 'write yes, or the path that it has where it is exported')
const arch = line('an arch', 'write arches such as x86_64')

const vars = z.optional(z.record(z.string(), one(variableValue)))
const matrix = z.optional(z.record(z.string(), list(variableValue)))

/** Keys that make sense for one repository and as a default for many. */
const settings = {
  arch: list(arch),
  newest_only: scalar(yesNo),
  keep: scalar(count(1, 1_000_000)),
  includepkgs: list(glob),
  excludepkgs: list(glob),
  with_deps: scalar(withDeps),
  source: scalar(oneOf('no', 'also', 'only')),
  debug: scalar(oneOf('no', 'also', 'only')),
  min_buildtime: scalar(buildTime),
  min_age: scalar(duration(0)),
  age: scalar(oneOf('first_seen', 'build')),
  duplicates: scalar(oneOf('keep', 'newest', 'first')),
  removed: scalar(removed),
  metadata: scalar(oneOf('generate', 'upstream')),
  updateinfo: scalar(oneOf('all', 'present')),
  comps: scalar(oneOf('all', 'present')),
  groupfile: scalar(folder),
  kickstart: scalar(oneOf('no', 'auto', 'yes')),
  extra_files: list(extraFile),
  on_missing: scalar(oneOf('fail', 'prune')),
  layout: scalar(oneOf('packages', 'upstream')),
  compat: scalar(oneOf('el6', 'el7', 'modern')),
  compression: scalar(oneOf('upstream', 'gz', 'zstd', 'none')),
  databases: scalar(yesNo),
  retain: scalar(duration(0)),
  ...retentionKeys,
  fresh_within: scalar(duration(1)),
  max_shrink: scalar(percent),
  max_parallel_downloads: scalar(count(1, 100)),
  retries: scalar(count(1, 1000)),
  timeout: scalar(duration(1)),
  minrate: scalar(size(0)),
  retry_delay: scalar(duration(0)),
  user_agent: scalar(userAgent()),
  module_hotfixes: scalar(yesNo),
  schedule: scalar(cron),
  timezone: scalar(timeZone),
  jitter: scalar(duration(0)),
  on_publish: scalar(folder),
  on_failure: scalar(folder),
  hook_timeout: scalar(duration(1)),
  ...trustKeys,
  ...mirrorKeys,
  ...accessKeys,
  ...proxyKeys,
  ...paceKeys,
  ...refused(unbuilt),
}

function refused<Key extends string>(keys: Record<Key, Unit<string>>) {
  const entries = Object.entries<Unit<string>>(keys).map(([key, unit]) => [key, scalar(unit)])
  return Object.fromEntries(entries) as Record<Key, ReturnType<typeof scalar<string>>>
}

/** A file below the upstream's URL; only the last part of its path may be a glob. */
function belowRepository(): Unit<string> {
  const write = 'write a path below baseurl such as EULA or RPM-GPG-KEY-*, with *, ? and [ in its last part only'
  const read = (text: string) => (isBelow(text) ? text : undefined)
  return { is: 'a file or a glob', write, read }
}

function isBelow(text: string): boolean {
  const segments = text.split('/')
  return (
    /^\P{Cc}{1,1000}$/u.test(text) &&
    !segments.some((segment) => segment === '' || segment === '.' || segment === '..') &&
    !segments.slice(0, -1).some((segment) => /[*?[]/.test(segment))
  )
}

/** HTTP takes a header's value as printable ASCII. */
function userAgent(): Unit<string> {
  const read = (text: string) => (/^[ -~]{1,200}$/.test(text) ? text : undefined)
  return { is: 'a User-Agent', write: 'write up to 200 printable ASCII characters', read }
}

const defaults = z.strictObject(settings)

const repo = z.strictObject({
  name: scalar(name),
  enabled: scalar(yesNo),
  baseurl: list(url, (text) => [text]),
  ...listKeys,
  merge: list(url, (text) => [text]),
  local: list(folder, (text) => [text]),
  archive: scalar(archive),
  path: scalar(folder),
  matrix,
  vars,
  ...settings,
})

const include = z.strictObject({
  files: list(folder, (text) => [text]),
  matrix,
  vars,
  defaults: z.optional(defaults),
})

/**
 * The one shape of a configuration file. What comes in is source text with lists and maps of it (tree.ts); what is left
 * out stays undefined, because defaults have layers (layers.ts).
 */
export const schema = z.strictObject({
  root: scalar(folder),
  state: scalar(folder),
  listen: scalar(listen),
  tls_cert: scalar(folder),
  tls_key: scalar(folder),
  tls_client_ca: scalar(folder),
  htpasswd: scalar(folder),
  allow: list(network),
  trusted_proxies: list(network),
  access_log: scalar(folder),
  ...diskKeys,
  workers: scalar(count(1, 64)),
  bandwidth: scalar(size(1)),
  max_connections_per_host: scalar(count(1, 1000)),
  worker_heap: scalar(size(64 * 2 ** 20)),
  admin_socket: scalar(folder),
  admin_listen: scalar(listen),
  admin_token_file: scalar(folder),
  admin_tls_cert: scalar(folder),
  admin_tls_key: scalar(folder),
  defaults: z.optional(defaults),
  include: z.optional(z.array(include)),
  channels,
  vars,
  repos: z.optional(z.record(z.string(), repo)),
})

/** One repository of it, for a section of a .repo file. */
export const repoSchema = repo

/** The keys of each level, by the level's name in messages. */
export const levels = {
  'the top level': schema.shape,
  'a repository': repo.shape,
  'an entry of include:': include.shape,
  'defaults:': defaults.shape,
  'a channel': channelShape,
}

export type RepoKeys = z.infer<typeof repo>
export type ConfigKeys = z.infer<typeof schema>
export type IncludeKeys = z.infer<typeof include>
