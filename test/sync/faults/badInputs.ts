import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkTree } from '../../helpers/checker.ts'
import { type MirrorResult, makeSite, runMirror, type Site } from '../../helpers/mirror.ts'
import { makeRepository, type PackageSpec, type RepositoryOptions } from '../../helpers/repository.ts'
import { type Fault, startUpstream, type Upstream } from '../../helpers/upstream.ts'
import { listing, sha256 } from './listing.ts'

/** One thing that an upstream gets wrong, and the line that it gets for it. */
export interface BadInput {
  /** What is wrong; unique in its table. */
  what: string
  /** What the upstream moves to before it is spoiled (default: version 2.0 of its three packages). */
  packages?: PackageSpec[]
  repository?: RepositoryOptions
  /** Makes it wrong. */
  spoil?: (upstream: BadUpstream) => void | Promise<void>
  /** Settings of this repo alone. */
  settings?: object
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
  rule(path: string | RegExp, fault: Fault | Fault[], times?: number): void
}

/** What became of one bad input. */
export interface Verdict {
  /** The error lines of this repo, with REPO, URL and HEX put in. */
  lines: string[]
  /** Whether every file that was published before is as it was, and no other is there. */
  isUntouched: boolean
  /** What a client that reads the published tree has to complain about. */
  problems: string[]
  /** How the next run ended, in which the upstream was right again; undefined where there was none. */
  next: string | undefined
}

/** What became of a table of them. */
export interface Verdicts {
  of(input: BadInput): Verdict
  run: MirrorResult
  /** How the repo fared that nothing was wrong with. */
  good: string
  /** All that the program left below the site's folder besides root and state. */
  strays: string[]
  /** What is left in the state's folder for temporary files, but for parts to be taken up again. */
  leftovers: string[]
}

/** What is published before anything goes wrong. */
const firstPackages: PackageSpec[] = [{ name: 'alpha' }, { name: 'beta' }, { name: 'gamma', arch: 'noarch' }]

/** The packages that upstreams move to. */
export const secondPackages: PackageSpec[] = firstPackages.map((spec) => ({ ...spec, version: '2.0' }))

/**
 * Publishes one repo for each bad input and one good one; lets all upstreams move on and spoils them; syncs them in
 * one run; then, if it is asked to, makes them right and syncs again. One run for many, since a run of its own for each
 * takes most of the time.
 */
export async function tryBadInputs(inputs: readonly BadInput[], thenRight: boolean): Promise<Verdicts> {
  await using site = await makeSite()
  await using upstream = await startUpstream(site.path('upstream'))
  const all = [...inputs, { what: 'good', line: '' }].map((input, at) => ({ input, id: `repo${at}` }))
  const good = `repo${inputs.length}`
  await site.writeConfig({
    workers: 8,
    defaults: { retries: 1, retry_delay: 0, timeout: 1 },
    repos: Object.fromEntries(
      all.map(({ input, id }) => [id, { baseurl: `${upstream.url}${id}/`, ...input.settings }]),
    ),
  })
  await publish(site, all, firstPackages)
  const before = await listings(site, all)
  for (const { input, id } of all) await spoil(input, id, site, upstream)
  const run = await sync(site)
  const after = await listings(site, all)
  const strays = (await listing(site.dir)).filter((line) => !/^(root|state|upstream)\/|^mirror\.yaml /.test(line))
  const leftovers = (await listing(join(site.state, 'tmp'))).filter((line) => !isResumable(line))
  const problems = new Map<string, string[]>()
  for (const { id } of all) problems.set(id, (await checkTree(join(site.root, id))).problems)
  upstream.rules.length = 0
  const next = thenRight ? await publish(site, all, secondPackages) : undefined
  const verdict = (id: string): Verdict => ({
    lines: linesOf(run.stderr, id, upstream.url),
    isUntouched: before.get(id) === after.get(id),
    problems: problems.get(id) as string[],
    next: next && resultOf(next, id),
  })
  const ids = new Map(all.map(({ input, id }) => [input.what, id]))
  return { of: ({ what }) => verdict(ids.get(what) as string), run, good: resultOf(run, good), strays, leftovers }
}

/** What is kept of a download that was cut off: some bytes. */
function isResumable(line: string): boolean {
  return line === 'left/' || (/^left\/\S+\.part /.test(line) && !line.endsWith(sha256('')))
}

type Numbered = { input: BadInput; id: string }[]

async function publish(site: Site, all: Numbered, packages: PackageSpec[]): Promise<MirrorResult> {
  for (const { id } of all) await makeRepository(site.path('upstream', id), ownPackages(packages, id), { clean: true })
  return await sync(site)
}

/** Another build time gives other bytes, so that no repo finds another's packages in the pool. */
function ownPackages(packages: PackageSpec[], id: string): PackageSpec[] {
  return packages.map((spec) => ({ buildTime: 1_700_000_000 + Number(id.slice(4)), ...spec }))
}

function sync(site: Site): Promise<MirrorResult> {
  return runMirror(['sync', '--json', '-c', site.configFile], { timeoutMs: 120_000 })
}

async function spoil({ packages, repository, spoil }: BadInput, id: string, site: Site, upstream: Upstream) {
  const dir = site.path('upstream', id)
  await makeRepository(dir, ownPackages(packages ?? secondPackages, id), repository)
  const rule: BadUpstream['rule'] = (path, fault, times) => {
    const own = typeof path === 'string' ? `${id}/${path}` : new RegExp(`^/${id}/.*(?:${path.source})`)
    upstream.rules.push({ path: own, fault, ...(times !== undefined && { times }) })
  }
  await spoil?.({ dir, rule })
}

async function listings(site: Site, all: Numbered): Promise<Map<string, string>> {
  const found = all.map(async ({ id }) => [id, (await listing(join(site.root, id))).join('\n')] as const)
  return new Map(await Promise.all(found))
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

/** The bytes of a file of an upstream. */
export function upstreamFile({ dir }: BadUpstream, path: string): Promise<Buffer> {
  return readFile(join(dir, path))
}
