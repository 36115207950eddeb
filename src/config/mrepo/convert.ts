import { dirname, join } from 'node:path'
import { stringify } from 'yaml'
import type { Mistakes } from '../mistakes.ts'
import { type Dist, distsOf, type MrepoRepo } from './dists.ts'
import { type Main, readMain, tellMetadata } from './main.ts'
import { Notes, noteText } from './notes.ts'
import { readMrepo } from './read.ts'
import { type Sources, sourcesOf } from './sources.ts'

/** A configuration of ours, as YAML, and what of mrepo's is not in it, one line each. */
export type Converted = { yaml: string; notes: string[]; repos: number }

/**
 * Makes of a configuration of mrepo (github.com/dagwieers/mrepo, 0.8.7) one of ours: a repository for each of its repositories
 * and arches, published where its clients find it: `<nick>/RPMS.<repo>`. Nothing of it is passed over in silence.
 * @throws ConfigError by way of `mistakes` for files that mrepo would not read either
 */
export async function convertMrepo(file: string, mistakes: Mistakes): Promise<Converted> {
  const notes = new Notes()
  const read = await readMrepo(file, notes, mistakes)
  mistakes.throwIfAny()
  const main = readMain(read.main, notes)
  const dists = distsOf(read, notes)
  const repos = new Map<string, object>()
  for (const dist of dists) addDist(dist, { dists, main, notes, repos })
  const told = notes.all.map(noteText)
  const head = [
    `Made by mirror config import-mrepo of ${read.files.join(', ')}`,
    ...(told.length === 0 ? [] : ['What is not in it, or not as it was:']),
    ...told,
  ]
  const whole = {
    root: main.root,
    state: join(dirname(main.root), 'mirror-state'),
    ...defaultsOf(main),
    repos: Object.fromEntries(repos),
  }
  return {
    yaml: `${head.map((line) => `# ${line}\n`).join('')}\n${stringify(whole, { lineWidth: 0 })}`,
    notes: told,
    repos: repos.size,
  }
}

type Converting = { dists: readonly Dist[]; main: Main; notes: Notes; repos: Map<string, object> }

function addDist(dist: Dist, converting: Converting): void {
  const { notes, repos } = converting
  const { name, place, options } = dist.section
  tellMetadata(options.get('metadata'), `[${name}]`, notes)
  if (dist.arch === 'none')
    notes.add(
      { place },
      `[${name}] arch`,
      "none is no arch: packages are chosen by this host's; write arch: of its repositories",
    )
  notes.add(
    { place },
    `[${name}]`,
    'RPMS.all, of all its repositories together, is not made: a repository with merge: is one',
  )
  for (const repo of dist.repos) {
    const id = `${dist.nick}-${repo.name}`
    const found = entryOf(dist, repo, converting)
    if (found === undefined) continue
    if (!/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,199}$/.test(id))
      notes.add(repo.option, `[${name}] ${repo.name}`, `${id} cannot be an id`)
    else if (repos.has(id)) notes.add(repo.option, `[${name}] ${repo.name}`, `there is a repository ${id} already`)
    else repos.set(id, found)
  }
}

function entryOf(dist: Dist, repo: MrepoRepo, { dists, main, notes }: Converting): object | undefined {
  const about = `[${dist.section.name}] ${repo.name}`
  if (repo.name === 'all') {
    notes.add(repo.option, about, 'mrepo mirrors nothing under this name')
    return undefined
  }
  const sources = sourcesOf(dist, repo, { dists, srcdir: main.srcdir, notes })
  if (sources.urls.length > 0 && sources.locals.length > 0)
    notes.add(
      repo.option,
      about,
      `a repository has an upstream or local folders, not both: ${sources.locals.join(' ')} is left out`,
    )
  if (sources.urls.length === 0 && sources.locals.length === 0) {
    if (!notes.has(repo.option)) notes.add(repo.option, about, 'none of the repositories that it shows is mirrored')
    return undefined
  }
  return {
    name: `${dist.name} ${repo.name}`,
    ...(dist.enabled ? {} : { enabled: false }),
    ...upstreamOf(sources),
    path: `${dist.nick}/RPMS.${repo.name}`,
    ...(dist.arch === 'none' ? {} : { vars: { basearch: basearchOf(dist.arch) } }),
    ...(sources.urls.length === 0 ? {} : selectionOf(sources, main)),
  }
}

function upstreamOf({ urls, locals }: Sources): object {
  const one = (list: string[]) => (list.length === 1 ? list[0] : list)
  if (urls.length === 0) return { local: one(locals) }
  return urls.length === 1 ? { baseurl: urls[0] } : { merge: urls }
}

/** i586 and the like are arches of packages, whose hosts are of i386. */
function basearchOf(arch: string): string {
  return /^(?:i[456]86|athlon)$/.test(arch) ? 'i386' : arch
}

function selectionOf({ reposync }: Sources, { lftp, reposync: syncs }: Main): object {
  const keeps = reposync ? syncs.keeps : lftp.keeps
  return {
    ...(reposync && syncs.newest && { newest_only: true }),
    ...(!reposync && !lftp.debug && { debug: 'no' }),
    ...(!reposync && lftp.source && { source: 'also' }),
    ...(keeps && { removed: 'keep' }),
  }
}

/** What holds for every repository. */
function defaultsOf({ databases, proxy, lftp }: Main): object {
  const defaults = {
    ...(databases && { databases: true }),
    ...(proxy !== undefined && { proxy }),
    ...(lftp.rate !== undefined && { throttle: lftp.rate }),
    ...(lftp.timeout !== undefined && { timeout: lftp.timeout }),
  }
  return Object.keys(defaults).length === 0 ? {} : { defaults }
}
