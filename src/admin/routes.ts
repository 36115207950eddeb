import type { IncomingMessage, ServerResponse } from 'node:http'
import { MirrorError } from '../errors.ts'
import { readJson, readSyncRequest } from './body.ts'
import { askedByHeader, type Operations } from './operations.ts'
import { answerJson, Refusal } from './refusal.ts'
import { answerStream, wantsStream } from './stream.ts'

/** A request on its way through the table: what it asks, of whom, and where it is answered. */
export type Exchange = {
  request: IncomingMessage
  response: ServerResponse
  query: URLSearchParams
  operations: Operations
  /** What stood for `{...}` in the path. */
  name: string
}

type Route = { method: string; path: string; answer(exchange: Exchange): void | Promise<void> }

/** The whole API: docs/admin-api.yaml describes each of these, and a test holds the two against each other. */
export const routes: readonly Route[] = [
  {
    method: 'GET',
    path: '/v1/status',
    answer: ({ response, operations }) => answerJson(response, 200, operations.status()),
  },
  {
    method: 'GET',
    path: '/v1/jobs',
    answer: ({ response, operations }) => answerJson(response, 200, { jobs: operations.jobs() }),
  },
  { method: 'GET', path: '/v1/jobs/{id}', answer: job },
  { method: 'DELETE', path: '/v1/jobs/{id}', answer: cancel },
  { method: 'POST', path: '/v1/sync', answer: sync },
  { method: 'POST', path: '/v1/plan', answer: plan },
  { method: 'POST', path: '/v1/operations/{name}', answer: operate },
  { method: 'GET', path: '/v1/history/{repo}', answer: history },
  { method: 'POST', path: '/v1/reload', answer: reload },
]

/** The route of a request and what stands for the braces of its path. @throws Refusal 404, 405 */
export function findRoute(method: string, path: string): { route: Route; name: string } {
  const found = routes.flatMap((route) => {
    const name = nameIn(route.path, path)
    return name === undefined ? [] : [{ route, name }]
  })
  if (found.length === 0)
    throw new Refusal(404, `there is no ${path} here; the API is described in docs/admin-api.yaml`)
  const match = found.find(({ route }) => route.method === method)
  if (match !== undefined) return match
  const allow = found.map(({ route }) => route.method).join(', ')
  throw new Refusal(405, `${method} is not for ${path}; it takes ${allow}`, { headers: { allow } })
}

function nameIn(pattern: string, path: string): string | undefined {
  const brace = pattern.indexOf('{')
  if (brace === -1) return pattern === path ? '' : undefined
  const [, name] = path.startsWith(pattern.slice(0, brace)) ? (/^([^/]+)$/.exec(path.slice(brace)) ?? []) : []
  try {
    return name === undefined ? undefined : decodeURIComponent(name)
  } catch {
    throw new Refusal(400, 'the path has a broken escape')
  }
}

function idOf(name: string): number {
  if (!/^[1-9]\d{0,14}$/.test(name)) throw new Refusal(400, `${JSON.stringify(name)} is no job's number`)
  return Number(name)
}

function job({ response, operations, name }: Exchange): void {
  const found = operations.job(idOf(name))
  if (found === undefined) throw new Refusal(404, `there is no job ${name}`)
  answerJson(response, 200, found)
}

function cancel({ response, operations, name }: Exchange): void {
  const cancelled = operations.cancel(idOf(name))
  if (cancelled === undefined) throw new Refusal(404, `there is no job ${name}`)
  if (!cancelled) throw new Refusal(409, `job ${name} has ended already`)
  answerJson(response, 202, operations.job(idOf(name)))
}

async function sync({ request, response, operations }: Exchange): Promise<void> {
  const asked = operations.sync(await readSyncRequest(request))
  if (wantsStream(request)) await answerStream(response, asked)
  else answerJson(response, 202, { jobs: asked.jobs })
}

async function operate({ request, response, operations, name }: Exchange): Promise<void> {
  const given = await readJson(request)
  const asked = operations.operate({ name, arguments: given, by: askedBy(request) })
  if (wantsStream(request)) await answerStream(response, asked)
  else answerJson(response, 202, { jobs: asked.jobs })
}

function askedBy({ headers, socket }: IncomingMessage): string {
  const said = headers[askedByHeader]
  if (typeof said === 'string' && /^[ -~]{1,200}$/.test(said)) return said
  return socket.remoteAddress === undefined ? 'the admin socket' : `the admin API from ${socket.remoteAddress}`
}

async function plan({ request, response, operations }: Exchange): Promise<void> {
  const given = await readSyncRequest(request)
  const gone = new AbortController()
  response.once('close', () => gone.abort(new MirrorError('E_INTERRUPTED', 'whoever asked went away')))
  answerJson(response, 200, { plans: await operations.plan(given, gone.signal) })
}

function history({ response, operations, query, name }: Exchange): void {
  const limit = query.get('limit') ?? '20'
  if (!/^[1-9]\d{0,3}$/.test(limit)) throw new Refusal(400, 'limit: a number from 1 to 9999 is expected')
  answerJson(response, 200, { runs: operations.history(name, Number(limit)) })
}

async function reload({ request, response, operations }: Exchange): Promise<void> {
  request.resume()
  answerJson(response, 200, await operations.reload())
}
