import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { openUpstream } from '../../src/upstream/upstream.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'
import { content, failure, fetch, startServer } from './fetching.ts'

const transfer = { retries: 0, retryDelayMs: 1, timeoutMs: 300, minrate: 1000, userAgent: undefined }

/** Opens an upstream of these places with a short patience. */
function open(...baseurl: string[]) {
  return openUpstream({ baseurl, transfer } as unknown as Parameters<typeof openUpstream>[0], 2)
}

describe('an upstream', () => {
  test('follows redirects, keeps the pace and says who it is', async () => {
    await using server = await startServer({ kind: 'redirect', location: '/file' })
    const upstream = await open(server.url)
    try {
      expect(upstream.mirrors.urls.map(String)).toEqual([server.url])
      expect((await fetch(upstream.transport, new URL('broken', upstream.mirrors.urls[0]))).body).toEqual(content)
      expect(server.requests[1]?.headers['user-agent']).toMatch(/^mirror\/\d/)
      server.rules.unshift({ path: 'file', fault: { kind: 'drip', bytes: 1, everyMs: 20 } })
      expect(await failure(fetch(upstream.transport, new URL('file', upstream.mirrors.urls[0])))).toMatchObject({
        code: 'E_SLOW',
      })
    } finally {
      await upstream.close()
    }
  })

  test('of folders needs no network', async () => {
    await using folder = await makeTemporaryFolder()
    await writeFile(join(folder.path, 'file'), 'content')
    const upstream = await open(`${pathToFileURL(folder.path).href}/`)
    expect(String((await fetch(upstream.transport, new URL('file', upstream.mirrors.urls[0]))).body)).toBe('content')
    await upstream.close()
  })

  test('may have one place in a folder and another on a host', async () => {
    await using folder = await makeTemporaryFolder()
    await writeFile(join(folder.path, 'file'), 'content of the folder')
    await using server = await startServer()
    const upstream = await open(`${pathToFileURL(folder.path).href}/`, server.url)
    const bodies = []
    for (const base of upstream.mirrors.urls)
      bodies.push(String((await fetch(upstream.transport, new URL('file', base))).body))
    expect(bodies).toEqual(['content of the folder', String(content)])
    await upstream.close()
  })

  test('that is closed ends what is under way', async () => {
    await using server = await startServer({ kind: 'stall' })
    const upstream = await open(server.url)
    const attempt = failure(fetch(upstream.transport, `${server.url}broken`))
    while (server.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    await upstream.close()
    expect(await attempt).toMatchObject({ name: 'MirrorError', code: 'E_CONNECT' })
  })
})
