import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { JobView, RunView } from '../../src/admin/operations.ts'
import {
  type MirrorResult,
  makeSite,
  type RunningMirror,
  runMirror,
  type Site,
  spawnMirror,
} from '../helpers/mirror.ts'
import { makeRepository, type PackageSpec } from '../helpers/repository.ts'
import { startUpstream, type Upstream } from '../helpers/upstream.ts'

/** An answer of the admin API. */
export interface Answer {
  status: number
  headers: IncomingMessage['headers']
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: what it is, is what tests say.
  json: any
}

/** What is asked of it. */
export interface Question {
  method?: string
  path: string
  /** Text and bytes are sent as they are, anything else as JSON. */
  body?: unknown
  headers?: Record<string, string>
}

/** A site with an upstream for a daemon. */
export interface Installation extends AsyncDisposable {
  site: Site
  upstream: Upstream
  socket: string
  /** Gives a repository's upstream these packages, and no others. */
  offer(id: string, specs: PackageSpec[]): Promise<void>
  /** Writes the configuration anew: settings as `makeInstallation` takes them, over those it was made with. */
  configure(settings: Settings): Promise<void>
  /** Starts `mirror daemon`, or another command line; resolves when it serves. */
  start(env?: Record<string, string>, command?: readonly [string, ...string[]]): Promise<RunningDaemon>
  /** Runs a verb to its end. */
  mirror(...args: string[]): Promise<MirrorResult>
  /** Starts one. */
  spawn(...args: string[]): RunningMirror
  ask: (question: Question | string) => Promise<Answer>
}

/** A daemon that serves. */
export interface RunningDaemon extends RunningMirror {
  /** Where its tree is. */
  url: string
  pid: number
}

/** Of the configuration; `repos` adds to what each repository has, null leaves one out. */
export type Settings = { repos?: Record<string, object | null>; defaults?: object } & Record<string, unknown>

/** Configures repositories with their packages by id. */
export async function makeInstallation(
  repos: Record<string, PackageSpec[]>,
  settings: Settings = {},
): Promise<Installation> {
  const site = await makeSite()
  const offer = (id: string, specs: PackageSpec[]) => makeRepository(site.path('upstream', id), specs, { clean: true })
  for (const [id, specs] of Object.entries(repos)) await offer(id, specs)
  const upstream = await startUpstream(site.path('upstream'))
  const socket = join(site.state, 'admin.sock')
  const configure = ({ repos: own = {}, defaults, ...others }: Settings) => {
    const ids = Object.keys({ ...repos, ...own }).filter((id) => own[id] !== null)
    const entries = ids.map((id) => [id, { baseurl: `${upstream.url}${id}/`, ...own[id] }])
    return site.writeConfig({
      listen: '127.0.0.1:0',
      ...others,
      defaults: { retries: 1, retry_delay: 0, jitter: 0, timezone: 'UTC', ...defaults },
      repos: Object.fromEntries(entries),
    })
  }
  await configure(settings)
  const withConfig = (args: string[]) => [...args, '-c', site.configFile]
  return {
    site,
    upstream,
    socket,
    offer,
    configure: (more) => configure({ ...settings, ...more }),
    async start(env, command) {
      const options = { ...(env && { env }), ...(command && { command }) }
      const running = spawnMirror(withConfig(command === undefined ? ['daemon'] : []), options)
      const url = (await running.says(/^serving \S+ at (http\S+\/)/m))[1] as string
      return Object.assign(running, { url, pid: running.child.pid as number })
    },
    mirror: (...args) => runMirror(withConfig(args)),
    spawn: (...args) => spawnMirror(withConfig(args)),
    ask: (question) => ask({ socketPath: socket }, question),
    [Symbol.asyncDispose]: async () => {
      await upstream.close()
      await site[Symbol.asyncDispose]()
    },
  }
}

/** Asks the admin API at a socket or, by options of node:http, on TCP. */
export async function ask(
  at: { socketPath: string } | { host: string; port: number },
  question: Question | string,
): Promise<Answer> {
  const asked: Question = typeof question === 'string' ? { path: question } : question
  const { method, path, body, headers } = asked
  const isRaw = body === undefined || typeof body === 'string' || body instanceof Uint8Array
  const text = isRaw ? body : JSON.stringify(body)
  const type = text === undefined ? {} : { 'content-type': 'application/json' }
  const sent = request({ ...at, path, method: method ?? (text === undefined ? 'GET' : 'POST'), agent: false })
  for (const [name, value] of Object.entries({ ...type, ...headers })) sent.setHeader(name, value)
  // A refusal may come before the last of a long body has gone.
  sent.on('error', () => {})
  sent.end(text)
  return await answerOf(sent)
}

/** What came back, whole. */
export async function answerOf(sent: ReturnType<typeof request>): Promise<Answer> {
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString()
  const isJson = response.headers['content-type'] === 'application/json'
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text,
    json: isJson ? JSON.parse(text) : undefined,
  }
}

/** Resolves to what `look` finds, as soon as it finds something; the test's own time is the limit. */
export async function until<T>(look: () => T | Promise<T>): Promise<NonNullable<Exclude<T, false>>> {
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== null && found !== false) return found as NonNullable<Exclude<T, false>>
    await sleep(25)
  }
}

/** The jobs that a daemon knows. */
export async function jobsOf({ ask }: Pick<Installation, 'ask'>): Promise<JobView[]> {
  return (await ask('/v1/jobs')).json.jobs as JobView[]
}

/** Resolves when nothing runs and nothing waits, to all jobs. */
export function quiet(installation: Pick<Installation, 'ask'>): Promise<JobView[]> {
  return until(async () => {
    const jobs = await jobsOf(installation)
    return jobs.every(({ state }) => state === 'ended') && jobs
  })
}

/** How the runs of a repository ended, newest first. */
export async function historyOf({ ask }: Pick<Installation, 'ask'>, id: string): Promise<RunView[]> {
  return (await ask(`/v1/history/${id}?limit=1000`)).json.runs as RunView[]
}
