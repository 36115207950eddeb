import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkTree } from '../../helpers/checker.ts'
import { type MirrorResult, makeSite, runMirror, type Site, spawnMirror } from '../../helpers/mirror.ts'
import { makeRepository, type PackageSpec, type RepositoryOptions } from '../../helpers/repository.ts'
import { type Fault, startUpstream, type Upstream } from '../../helpers/upstream.ts'
import { listing, sha256 } from './listing.ts'
import { watchMemory } from './memory.ts'

/** One thing that an upstream gets wrong, and the line that it gets for it. */
export interface BadInput {
  /** What is wrong; unique in its table. */
  what: string
  /** What the upstream moves to before it is spoiled (default: version 2.0 of its three packages). */
  packages?: PackageSpec[]
  repository?: RepositoryOptions
  /** Makes it wrong. */
  spoil?: (upstream: BadUpstream) => void | Promise<void>
  /**
   * The whole error line but its end `; generation 1 is still served`. REPO and URL stand for what they name, and
   * HEX for a digest or its beginning.
   */
  line: string | RegExp
}

/** One upstream of many; paths are below its own folder. */
export interface BadUpstream {
  dir: string
  /** Adds a rule for a path of this upstream, or for all that match. */
  rule: (path: string | RegExp, fault: Fault | Fault[], times?: number) => void
}

/** What became of one bad input. */
export interface Verdict {
  /** The error lines of its repo, with REPO, URL and HEX put in. */
  lines: string[]
  /** Whether every file that was published before is as it was, and no other is there. */
  isUntouched: boolean
  /** What a client that reads the published tree has to complain about. */
  problems: string[]
}

/** What became of a table of them. */
export interface Verdicts {
  of: Map<BadInput, Verdict>
  /** With the most memory that one of their processes held, in bytes. */
  runs: (MirrorResult & { peak: number })[]
  /** How the repo fared in each run that nothing was wrong with. */
  good: string[]
  /** How all the repos fared once their upstreams were right again. */
  next: string[]
  /** What the program left or changed below the site's folder, besides root and state. */
  strays: string[]
  /** What is left in the state's folder for temporary files, but for parts to be taken up again. */
  leftovers: string[]
}

/** Repos that are spoiled in one run: a run of its own for each bad input would take most of the time to start. */
const width = 8
const good = 'good'

/**
 * Publishes some repos, then lets their upstreams move on, spoils each by another bad input and syncs, until the table
 * is through; at last makes all upstreams right. One upstream is right all the time.
 * @param settings of all repos
 */
export async function tryBadInputs(inputs: readonly BadInput[], settings: object): Promise<Verdicts> {
  await using site = await makeSite()
  await using upstream = await startUpstream(site.path('upstream'))
  const ids = [...Array(Math.min(width, inputs.length)).keys()].map((number) => `repo${number}`)
  const repos = Object.fromEntries([...ids, good].map((id) => [id, { baseurl: `${upstream.url}${id}/` }]))
  await site.writeConfig({ workers: 8, defaults: { retries: 1, retry_delay: 0, timeout: 1, ...settings }, repos })
  await makeCanary(site)
  await publishAll(site, [...ids, good], '1.0')
  const before = new Map(await Promise.all(ids.map(async (id) => [id, await published(site, id)] as const)))

  const verdicts: Verdicts = { of: new Map(), runs: [], good: [], next: [], strays: [], leftovers: [] }
  for (let from = 0; from < inputs.length; from += width) {
    const spoiled = inputs.slice(from, from + width).map((input, at) => ({ input, id: `repo${at}`, number: from + at }))
    upstream.rules.length = 0
    for (const one of spoiled) await spoil(one, site, upstream)
    await makeRepository(site.path('upstream', good), packagesOf(`3.${from}`, from))
    await using running = spawnMirror(['sync', '--json', '-c', site.configFile])
    using memory = watchMemory(running.child.pid as number)
    const run = await running.ended
    verdicts.runs.push({ ...run, peak: memory.peak })
    verdicts.good.push(resultOf(run, good))
    for (const { input, id } of spoiled) {
      const { problems } = await checkTree(join(site.root, id))
      const isUntouched = before.get(id) === (await published(site, id))
      verdicts.of.set(input, { lines: linesOf(run.stderr, id, upstream.url), isUntouched, problems })
    }
  }
  verdicts.strays = (await listing(site.dir)).filter((line) => !isOfSite(line))
  verdicts.leftovers = (await listing(join(site.state, 'tmp'))).filter((line) => !isResumable(line))
  upstream.rules.length = 0
  const last = await publishAll(site, ids, '4.0')
  verdicts.next = ids.map((id) => resultOf(last, id))
  return verdicts
}

async function publishAll(site: Site, ids: string[], version: string): Promise<MirrorResult> {
  for (const [at, id] of ids.entries())
    await makeRepository(site.path('upstream', id), packagesOf(version, at), { clean: true })
  return await runMirror(['sync', '--json', '-c', site.configFile, ...ids], { timeoutMs: 120_000 })
}

/** Another build time gives other bytes, so that nothing that one bad input wants is in the pool from another. */
function packagesOf(version: string, number: number): PackageSpec[] {
  const names = [{ name: 'alpha' }, { name: 'beta' }, { name: 'gamma', arch: 'noarch' }]
  return names.map((spec) => ({ ...spec, version, buildTime: 1_700_000_000 + number }))
}

type Spoiled = { input: BadInput; id: string; number: number }

async function spoil({ input, id, number }: Spoiled, site: Site, upstream: Upstream): Promise<void> {
  const dir = site.path('upstream', id)
  await makeRepository(dir, input.packages ?? packagesOf('2.0', number), { ...input.repository, clean: true })
  const rule: BadUpstream['rule'] = (path, fault, times) => {
    const own = typeof path === 'string' ? `${id}/${path}` : new RegExp(`^/${id}/.*(?:${path.source})`)
    upstream.rules.push({ path: own, fault, ...(times !== undefined && { times }) })
  }
  await input.spoil?.({ dir, rule })
}

/** Every file of a published tree with its digest. */
async function published(site: Site, id: string): Promise<string> {
  return (await listing(join(site.root, id))).join('\n')
}

/** Files beside root and state for hostile paths to aim at. */
async function makeCanary(site: Site): Promise<void> {
  await mkdir(site.path('canary'))
  await writeFile(site.path('canary/precious.rpm'), 'precious')
}

function isOfSite(line: string): boolean {
  const own = ['mirror.yaml', 'canary/', `canary/precious.rpm ${sha256('precious')}`]
  return /^(root|state|upstream)\//.test(line) || own.some((start) => line === start || line.startsWith(`${start} `))
}

/** What is kept of a download that was cut off: some bytes. */
function isResumable(line: string): boolean {
  return line === 'left/' || (/^left\/\S+\.part /.test(line) && !line.endsWith(sha256('')))
}

function linesOf(stderr: string, id: string, url: string): string[] {
  const own = stderr.split('\n').filter((line) => new RegExp(`^E_\\w+ ${id}: `).test(line))
  return own.map((line) =>
    line
      .replaceAll(`${url}${id}/`, 'URL')
      .replace(` ${id}: `, ' REPO: ')
      .replaceAll(/\b[0-9a-f]{16,128}\b/g, 'HEX'),
  )
}

/** `published`, `unchanged` or `failed`. */
function resultOf({ stdout }: MirrorResult, id: string): string {
  const { repos } = JSON.parse(stdout) as { repos: { repo: string; result: string }[] }
  return repos.find(({ repo }) => repo === id)?.result ?? 'not in the report'
}
