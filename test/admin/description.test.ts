import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'
import { routes } from '../../src/admin/routes.ts'
import { operations } from '../../src/jobs/operations.ts'
import {
  type Answer,
  type Installation,
  makeInstallation,
  type Question,
  quiet,
  type RunningDaemon,
  until,
} from '../daemon/running.ts'

type Described = { responses: Record<string, { $ref?: string; content?: Record<string, { schema: object }> }> }

const description = parse(readFileSync(new URL('../../docs/admin-api.yaml', import.meta.url), 'utf8')) as {
  paths: Record<string, Record<string, Described>>
  components: { schemas: Record<string, object>; responses: Record<string, Described['responses'][string]> }
}

test('every route is described, and nothing else', () => {
  const described = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.keys(methods)
      .filter((key) => key !== 'parameters')
      .map((method) => `${method.toUpperCase()} ${path}`),
  )
  expect(described.toSorted()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).toSorted())
})

test('every operation is described with its arguments, and nothing else', () => {
  const { OperationName, OperationArguments } = description.components.schemas
  expect(OperationName).toEqual({ enum: Object.keys(operations) })
  const made = Object.entries(operations).map(([name, { arguments: shape }]) => {
    const { $schema: _, ...schema } = z.toJSONSchema(shape, { io: 'input' })
    return [name, schema]
  })
  expect(plain((OperationArguments as { properties: object }).properties)).toEqual(Object.fromEntries(made))
})

/** A schema without what is only said to people. */
function plain(schema: object): unknown {
  return JSON.parse(JSON.stringify(schema, (key, value: unknown) => (key === 'description' ? undefined : value)))
}

/** What an answer is said to be; undefined where its status or type is not described. */
function schemaOf(path: string, method: string, { status, headers }: Answer): z.ZodType | undefined {
  const response = description.paths[path]?.[method.toLowerCase()]?.responses[status]
  const name = response?.$ref?.split('/').at(-1)
  const { content } = (name === undefined ? response : description.components.responses[name]) ?? {}
  const schema = content?.[headers['content-type'] ?? '']?.schema
  if (schema === undefined) return undefined
  const local = JSON.parse(
    JSON.stringify({ ...schema, $defs: description.components.schemas }).replaceAll(
      '#/components/schemas/',
      '#/$defs/',
    ),
  )
  return z.fromJSONSchema(local)
}

let installed: Installation
let daemon: RunningDaemon
beforeAll(async () => {
  installed = await makeInstallation({ one: [{ name: 'alpha' }], bad: [{ name: 'beta' }], slow: [{ name: 'gamma' }] })
  daemon = await installed.start()
  installed.upstream.rules.push({ path: /beta/, fault: { kind: 'status', status: 403 } })
  installed.upstream.rules.push({ path: /^\/slow\/.*repomd/, fault: { kind: 'silence' } })
  for (const repos of [['one'], ['bad']]) await installed.ask({ path: '/v1/sync', body: { repos } })
  await quiet(installed)
  const running = async () => ((await installed.ask('/v1/jobs/3')).json?.state as string) === 'running'
  await installed.ask({ path: '/v1/sync', body: { repos: ['slow'] } })
  await until(running)
  await installed.ask({ path: '/v1/sync', body: { repos: ['slow'] } })
})
afterAll(async () => {
  await daemon[Symbol.asyncDispose]()
  await installed[Symbol.asyncDispose]()
})

const stream = { accept: 'application/x-ndjson' }

test.each<[string, Question, number]>([
  ['/v1/status', { path: '/v1/status' }, 200],
  ['/v1/jobs', { path: '/v1/jobs' }, 200],
  ['/v1/jobs/{id}', { path: '/v1/jobs/1' }, 200],
  ['/v1/jobs/{id}', { path: '/v1/jobs/2' }, 200],
  ['/v1/jobs/{id}', { path: '/v1/jobs/x' }, 400],
  ['/v1/jobs/{id}', { path: '/v1/jobs/99' }, 404],
  ['/v1/jobs/{id}', { method: 'DELETE', path: '/v1/jobs/x' }, 400],
  ['/v1/jobs/{id}', { method: 'DELETE', path: '/v1/jobs/99' }, 404],
  ['/v1/jobs/{id}', { method: 'DELETE', path: '/v1/jobs/1' }, 409],
  ['/v1/sync', { method: 'POST', path: '/v1/sync', body: { repos: ['one'] } }, 202],
  ['/v1/sync', { method: 'POST', path: '/v1/sync', body: { repos: ['one', 'bad'] }, headers: stream }, 200],
  ['/v1/sync', { method: 'POST', path: '/v1/sync', body: { repos: 3 } }, 400],
  ['/v1/sync', { method: 'POST', path: '/v1/sync', body: { repos: ['absent'] } }, 404],
  ['/v1/sync', { method: 'POST', path: '/v1/sync', body: { repos: ['slow'], source: true } }, 409],
  ['/v1/sync', { method: 'POST', path: '/v1/sync', body: 'x'.repeat(70_000) }, 413],
  ['/v1/sync', { method: 'POST', path: '/v1/sync', body: '{}', headers: { 'content-type': 'text/plain' } }, 415],
  ['/v1/plan', { method: 'POST', path: '/v1/plan', body: { repos: ['one'] } }, 200],
  ['/v1/plan', { method: 'POST', path: '/v1/plan', body: { x: 1 } }, 400],
  ['/v1/plan', { method: 'POST', path: '/v1/plan', body: { repos: ['absent'] } }, 404],
  ['/v1/operations/{name}', { method: 'POST', path: '/v1/operations/gc', body: { dryRun: true } }, 202],
  ['/v1/operations/{name}', { method: 'POST', path: '/v1/operations/gc', body: { dryRun: 3 } }, 400],
  ['/v1/operations/{name}', { method: 'POST', path: '/v1/operations/toString', body: {} }, 404],
  ['/v1/operations/{name}', { method: 'POST', path: '/v1/operations/gc', body: 'x'.repeat(70_000) }, 413],
  [
    '/v1/operations/{name}',
    { method: 'POST', path: '/v1/operations/gc', body: 'x', headers: { 'content-type': 'a/b' } },
    415,
  ],
  ['/v1/history/{repo}', { path: '/v1/history/bad?limit=3' }, 200],
  ['/v1/history/{repo}', { path: '/v1/history/bad?limit=x' }, 400],
  ['/v1/history/{repo}', { path: '/v1/history/absent' }, 404],
  ['/v1/reload', { method: 'POST', path: '/v1/reload' }, 200],
  ['/v1/jobs/{id}', { method: 'DELETE', path: '/v1/jobs/4' }, 202],
])('an answer of %s is as it is described: %j', async (path, question, status) => {
  const answer = await installed.ask(question)
  expect([answer.status, answer.text]).toEqual([status, expect.any(String)])
  const schema = schemaOf(path, question.method ?? 'GET', answer)
  const values =
    answer.headers['content-type'] === 'application/json'
      ? [answer.json]
      : answer.text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as unknown)
  for (const value of values) expect(schema?.safeParse(value), JSON.stringify(value)).toMatchObject({ success: true })
})

test('a description can be wrong: what is not in it is found', async () => {
  const answer = await installed.ask('/v1/jobs/1')
  const schema = schemaOf('/v1/jobs/{id}', 'GET', answer)
  expect(schema?.safeParse({ ...answer.json, more: 1 }).success).toBe(false)
  expect(schema?.safeParse({ ...answer.json, state: 'asleep' }).success).toBe(false)
  expect(schemaOf('/v1/jobs/{id}', 'PUT', answer)).toBeUndefined()
})
