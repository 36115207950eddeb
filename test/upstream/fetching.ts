import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Addresses } from '../../src/upstream/addresses.ts'
import { type HttpOptions, httpTransport } from '../../src/upstream/http.ts'
import type { ResponseHead, Transport } from '../../src/upstream/transport.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'
import { type Fault, startUpstream, type Upstream } from '../helpers/upstream.ts'

/** What a receiver was given. */
export interface Fetched {
  heads: ResponseHead[]
  body: Buffer
}

/** Fetches a URL and takes down what the receiver is given, even where the transfer fails. */
export async function fetch(
  transport: Transport,
  url: string | URL,
  {
    headers,
    signal = new AbortController().signal,
    fetched = { heads: [], body: Buffer.alloc(0) },
  }: { headers?: Record<string, string>; signal?: AbortSignal; fetched?: Fetched } = {},
): Promise<Fetched> {
  await transport(
    { url: new URL(url), signal, ...(headers && { headers }) },
    {
      head: (head) => fetched.heads.push(head),
      data: (chunk) => {
        fetched.body = Buffer.concat([fetched.body, chunk])
      },
    },
  )
  return fetched
}

/** The error that something real ends with. */
export async function failure(attempt: Promise<unknown>): Promise<unknown> {
  return attempt.then(
    () => {
      throw new Error('it did not fail')
    },
    (error: unknown) => error,
  )
}

/** An HTTP transport with a short patience, whose own host is 127.0.0.1, closed at the end of the `await using` block. */
export function patientFor(
  timeoutMs: number,
  connections = 1,
  options: Partial<HttpOptions> = {},
): Transport & AsyncDisposable {
  const addresses = new Addresses(['127.0.0.1'], [])
  const http = httpTransport({ connections, timeoutMs, userAgent: 'tester/1', addresses, ...options })
  return Object.assign(http, { [Symbol.asyncDispose]: () => http.close() })
}

/** The content of the file that `startServer` serves. */
export const content = Buffer.from('0123456789'.repeat(100))

/** An upstream that serves `file` and misbehaves as told for `broken`, which is the same file. */
export async function startServer(fault: Fault | Fault[] = []): Promise<Upstream> {
  const folder = await makeTemporaryFolder()
  for (const name of ['file', 'broken']) await writeFile(join(folder.path, name), content)
  const upstream = await startUpstream(folder.path, [{ path: 'broken', fault }])
  const close = async () => {
    await upstream.close()
    await folder[Symbol.asyncDispose]()
  }
  return { ...upstream, close, [Symbol.asyncDispose]: close }
}
