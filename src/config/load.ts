import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { adminOf } from './admin.ts'
import { checkApart } from './apart.ts'
import { channelsOf, checkReserved } from './channels.ts'
import { entriesOf, withoutDisabled } from './entries.ts'
import { type Folders, foldersOf } from './folders.ts'
import { checkHooks } from './hooks.ts'
import { checkKeyFiles } from './keyFiles.ts'
import type { Block } from './layers.ts'
import { checkLocals } from './local.ts'
import { Mistakes } from './mistakes.ts'
import type { Channel, Config, Repo } from './repo.ts'
import { resolveEntry } from './resolve.ts'
import { type ConfigKeys, schema } from './schema.ts'
import { servingOf } from './serving.ts'
import { shaped } from './shape.ts'
import { substituting } from './substitute.ts'
import { readText } from './text.ts'
import { checkSchedules } from './timing.ts'
import { isMap, type Tree } from './tree.ts'
import { checkedVars, hostVariables, layered, type Variables } from './variables.ts'
import { readYaml } from './yaml.ts'

/** What a configuration takes from its host. */
export type Environment = {
  /** Folders in which each file defines a variable, the last one strongest; dnf's by default. */
  varsFolders?: readonly string[]
  /** The host's `$basearch`; that of this machine by default. */
  basearch?: string
  /** A folder that can be neither root nor state; the user's home by default. */
  home?: string
}

/**
 * Reads a configuration file and the .repo files that it includes, and changes nothing. A ConfigError holds all
 * mistakes at once.
 */
export async function loadConfig(file: string, environment: Environment = {}): Promise<Config> {
  const mistakes = new Mistakes()
  const path = resolve(file)
  const text = await readText({ file: path, place: { file: path }, called: 'the configuration' }, mistakes)
  const tree = text === undefined ? undefined : readYaml(text, path, mistakes)
  const config = tree && (await judged(withoutDisabled(tree), environment, mistakes))
  mistakes.throwIfAny()
  return { file: path, ...(config as NonNullable<typeof config>), warnings: mistakes.warnings }
}

/** The configuration without its file; after a mistake it is not whole. */
async function judged(
  tree: Tree,
  environment: Environment,
  mistakes: Mistakes,
): Promise<Omit<Config, 'file' | 'warnings'>> {
  const { varsFolders = ['/etc/yum/vars', '/etc/dnf/vars'], basearch, home = homedir() } = environment
  const keys = shaped(schema, tree, { mistakes, name: [], assign: ': ' })
  if (!isMap(tree)) mistakes.throwIfAny()
  const block = { label: '', keys, tree }
  const variables = layered(await hostVariables(varsFolders, basearch), checkedVars(block, mistakes))
  const substitute = substituting(variables, mistakes)
  const folders = await foldersOf(block, substitute, home, mistakes)
  const admin = adminOf(block, folders, substitute, mistakes)
  const serving = servingOf(block, substitute, mistakes)
  const { repos, ...all } = await reposOf(block, folders, variables, mistakes)
  const own = ownSettings(keys)
  const limited = repos.map((repo) => ({ ...repo, disk: own.disk }))
  return { ...(folders as Folders), ...own, serving, admin, ...all, repos: limited }
}

async function reposOf(
  config: Block<ConfigKeys>,
  folders: Folders | undefined,
  variables: Variables,
  mistakes: Mistakes,
): Promise<{ repos: Repo[]; channels: Channel[] }> {
  const { tree } = config
  if (!tree.within.has('repos') && !tree.within.has('include')) {
    mistakes.add(tree.place, 'nothing to mirror', 'write repos: or include:')
  }
  const entries = await entriesOf(config, variables, mistakes)
  const resolved = entries.flatMap((entry) => resolveEntry(entry, mistakes))
  checkApart(resolved, mistakes)
  const locals = resolved.flatMap((one) => one.locals)
  await checkLocals(locals, folders, mistakes)
  const judged = channelsOf(config, mistakes)
  checkReserved(
    judged.channels,
    resolved.map(({ path, repo }) => ({ ...path, value: repo.path })),
    mistakes,
  )
  const schedules = [...resolved.flatMap((one) => one.schedule ?? []), ...judged.schedules]
  await checkSchedules(schedules, mistakes)
  const programs = [...resolved.flatMap((one) => one.programs), ...judged.programs]
  await checkHooks(programs, mistakes)
  const keyFiles = resolved.flatMap((one) => one.keyFiles)
  await checkKeyFiles(keyFiles, mistakes)
  if (resolved.length === 0) mistakes.warn(tree.place, 'no repository is enabled')
  return { repos: resolved.map(({ repo }) => repo), channels: judged.channels }
}

function ownSettings(keys: ConfigKeys) {
  return {
    listen: keys.listen ?? { host: '127.0.0.1', port: 8080 },
    workers: keys.workers ?? 2,
    bandwidth: keys.bandwidth,
    maxConnectionsPerHost: keys.max_connections_per_host ?? 16,
    disk: { max: keys.max_disk, minFree: keys.min_free ?? 0 },
    scrubMs: keys.scrub === 'no' ? undefined : (keys.scrub ?? 30 * 86_400_000),
    workerHeapMb: Math.floor((keys.worker_heap ?? 2 ** 30) / 2 ** 20),
  }
}
