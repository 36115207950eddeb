import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { createInterface } from 'node:readline'
import { type Code, MirrorError } from '../errors.ts'
import type { Asking } from '../jobs/operation.ts'
import type { Planned } from '../jobs/plans.ts'
import {
  askedByHeader,
  type JobView,
  type OperationJobView,
  type RunJobView,
  type SyncRequest,
  type Told,
} from './operations.ts'
import { ndjson } from './stream.ts'

/** A running daemon, as the verbs of the command line talk to it. */
export type Daemon = {
  jobs(): Promise<JobView[]>
  cancel(id: number): Promise<JobView>
  reload(): Promise<{ file: string; repos: number }>
  /** What a sync would do. */
  plan(request: SyncRequest, signal: AbortSignal): Promise<Planned[]>
  /** Asks for a sync and tells what becomes of it, until all of it has ended; the jobs as they ended. Stopped, it cancels. */
  sync(request: SyncRequest, tell: (told: Told) => void, signal: AbortSignal): Promise<RunJobView[]>
  /** The same for an operation of the table. */
  operate(asking: Asking, tell: (told: Told) => void, signal: AbortSignal): Promise<OperationJobView>
}

type Call = { method: string; path: string; body?: unknown; accept?: string; by?: string; signal?: AbortSignal }

/** The daemon that answers at a socket; undefined where there is none. */
export async function findDaemon(socket: string): Promise<Daemon | undefined> {
  const jobs = async () => ((await json(socket, { method: 'GET', path: '/v1/jobs' })) as { jobs: JobView[] }).jobs
  try {
    await jobs()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ENOTDIR') return undefined
    if (code !== 'EACCES') throw error
    throw new MirrorError('E_BUSY', `a daemon runs, and ${socket} is not for you; ask as root or as its owner`)
  }
  return {
    jobs,
    cancel: async (id) => (await json(socket, { method: 'DELETE', path: `/v1/jobs/${id}` })) as JobView,
    reload: async () => (await json(socket, { method: 'POST', path: '/v1/reload' })) as { file: string; repos: number },
    plan: (body, signal) => plan(socket, body, signal),
    sync: async (body, tell, signal) => {
      const jobs = await follow(socket, { method: 'POST', path: '/v1/sync', body }, tell, signal)
      return jobs.filter((job) => job.repo !== null)
    },
    operate: async ({ name, arguments: body, by }, tell, signal) => {
      const call = { method: 'POST', path: `/v1/operations/${encodeURIComponent(name)}`, body, by }
      const [job] = await follow(socket, call, tell, signal)
      return job as OperationJobView
    },
  }
}

async function plan(socket: string, body: SyncRequest, signal: AbortSignal): Promise<Planned[]> {
  try {
    const answer = await json(socket, { method: 'POST', path: '/v1/plan', body, signal })
    return (answer as { plans: Planned[] }).plans
  } catch (error) {
    signal.throwIfAborted()
    throw gone(error)
  }
}

async function follow(
  socket: string,
  asked: Call,
  tell: (told: Told) => void,
  signal: AbortSignal,
): Promise<JobView[]> {
  const ended = new Map<number, JobView>()
  try {
    const response = await call(socket, { ...asked, accept: ndjson, signal })
    for await (const line of createInterface({ input: response, signal })) {
      const told = JSON.parse(line) as Told
      if (told.type === 'job') ended.set(told.job.id, told.job)
      tell(told)
    }
  } catch (error) {
    signal.throwIfAborted()
    throw gone(error)
  }
  signal.throwIfAborted()
  const jobs = [...ended.values()]
  if (jobs.every(({ state }) => state === 'ended')) return jobs
  throw gone(undefined)
}

function gone(cause: unknown): unknown {
  if (cause instanceof MirrorError) return cause
  return new MirrorError('E_WORKER', 'the daemon went away before it was done; mirror status says how far it came', {
    cause,
  })
}

async function json(socket: string, given: Call): Promise<unknown> {
  return JSON.parse(await textOf(await call(socket, given)))
}

/** The answer to a request. @throws what the daemon refused it with */
async function call(socket: string, { method, path, body, accept, by, signal }: Call): Promise<IncomingMessage> {
  const text = body === undefined ? undefined : JSON.stringify(body)
  const headers = {
    host: 'mirror',
    ...(accept && { accept }),
    ...(by && { [askedByHeader]: by }),
    ...(text !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
  }
  const sent = request({ socketPath: socket, method, path, headers, ...(signal && { signal }) })
  sent.end(text)
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  if ((response.statusCode ?? 500) < 300) return response
  throw refused(await textOf(response))
}

/** The daemon's own error as it would have been thrown here. */
function refused(text: string): MirrorError {
  const { error } = JSON.parse(text) as { error: { code: Code; message: string } }
  return new MirrorError(error.code, error.message)
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
