import type { IncomingMessage } from 'node:http'
import { parseDocument } from 'yaml'
import * as z from 'zod/mini'
import { issueText } from '../jobs/operations.ts'
import type { SyncRequest } from './operations.ts'
import { Refusal } from './refusal.ts'

/** The longest body, in bytes. */
const bodyBytes = 64 * 1024

/** Longer ids and globs, in characters, are no repository's, and would take long to be understood. */
const longestName = 1024

const syncRequest = z.strictObject({
  repos: z._default(z.array(z.string().check(z.maxLength(longestName))), []),
  newestOnly: z.optional(z.boolean()),
  arch: z.optional(z.array(z.string()).check(z.minLength(1))),
  source: z.optional(z.boolean()),
  minBuildtime: z.optional(z.string()),
  delete: z.optional(z.boolean()),
  acceptShrink: z.optional(z.boolean()),
  acceptRollback: z.optional(z.boolean()),
})

/** The body of a request for a sync. @throws Refusal 400, 413, 415 */
export async function readSyncRequest(request: IncomingMessage): Promise<SyncRequest> {
  const { success, data, error } = syncRequest.safeParse(await readJson(request))
  if (success) return data as SyncRequest
  throw new Refusal(400, issueText(error))
}

/** The body as JSON; nothing at all is an empty object. @throws Refusal 400, 413, 415 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const text = await readText(request)
  if (text === '') return {}
  const [type] = (request.headers['content-type'] ?? '').split(';')
  if (type?.trim().toLowerCase() !== 'application/json') throw new Refusal(415, 'the body must be application/json')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new Refusal(400, `the body is no JSON: ${(error as Error).message}`)
  }
  // JSON.parse takes the last of two fields with one name, other readers the first.
  const [twice] = parseDocument(text, { schema: 'json', uniqueKeys: true, logLevel: 'silent' }).errors
  if (twice?.code === 'DUPLICATE_KEY')
    throw new Refusal(400, `the body has a field twice: ${twice.message.split('\n', 1)[0]}`)
  return value
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > bodyBytes) throw new Refusal(413, `the body is longer than ${bodyBytes} bytes`)
    chunks.push(chunk)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch {
    throw new Refusal(400, 'the body is no UTF-8')
  }
}
