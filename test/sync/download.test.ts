import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { leftPath, partPath } from '../../src/store/part.ts'
import { FetchError } from '../../src/sync/download.ts'
import { at, type Downloading, digestOf, startDownloading } from './downloading.ts'

const large = 900 * 1024

describe('a download', () => {
  test('is in the pool when it is verified, with the time that the upstream’s file has', async () => {
    await using downloading = await startDownloading(1000)
    const { state, wanted, bytes } = downloading
    const { sha256, size, fetched, digest } = await downloading.download()
    expect({ sha256, size, fetched, digest }).toEqual({
      sha256: wanted.digest.hex,
      size: 1000,
      fetched: 1000,
      digest: wanted.digest,
    })
    expect(readFileSync(state.pool.path(sha256)).equals(bytes)).toBe(true)
    expect(statSync(state.pool.path(sha256)).mtimeMs).toBe(wanted.fileTime * 1000)
    expect(downloading.received()).toBe(1000)
    expectTidy(downloading)
  })

  test('is known by its sha256 whatever digest the metadata has', async () => {
    await using downloading = await startDownloading(1000)
    const digest = digestOf(downloading.bytes, 'sha512')
    const content = await downloading.download({ ...downloading.wanted, digest })
    expect([content.sha256, content.digest]).toEqual([digestOf(downloading.bytes).hex, digest])
  })

  test('needs no stated size', async () => {
    await using downloading = await startDownloading(1000)
    expect((await downloading.download({ ...downloading.wanted, size: undefined })).size).toBe(1000)
  })

  test('of an empty file is a file', async () => {
    await using downloading = await startDownloading(0)
    expect(await downloading.download()).toMatchObject({ size: 0, fetched: 0 })
  })

  test('is none where the pool has the file without its row: it is read instead', async () => {
    await using downloading = await startDownloading(1000)
    await downloading.download()
    downloading.upstream.requests.length = 0
    expect(await downloading.download()).toMatchObject({ sha256: downloading.wanted.digest.hex, fetched: 0 })
    expect(downloading.ranges()).toEqual([])
  })

  test('takes the place of a file of the pool that is damaged', async () => {
    await using downloading = await startDownloading(1000)
    const file = downloading.state.pool.path(downloading.wanted.digest.hex)
    writeFileSync(file, Buffer.alloc(1000))
    await downloading.download()
    expect(readFileSync(file).equals(downloading.bytes)).toBe(true)
  })
})

describe('a transfer that breaks off', () => {
  test.each([
    ['by a closed connection', { kind: 'truncate', after: 600 * 1024 }],
    ['by a reset', { kind: 'truncate', after: 600 * 1024, end: 'rst' }],
    ['by silence', { kind: 'stall', after: 600 * 1024 }],
  ] as const)('%s goes on where it was', async (_, fault) => {
    await using downloading = await startDownloading(large, [{ path: 'file', times: 1, fault }])
    await downloading.download()
    expect(downloading.ranges()).toEqual(['whole 200', expect.stringMatching(/^bytes=[1-9]\d*- 206$/)])
    expect(downloading.received()).toBe(large)
    expectTidy(downloading)
  })

  test('is left where it is when there are no tries any more, and a later run goes on with it', async () => {
    const fault = { kind: 'truncate', after: 300 * 1024 } as const
    await using downloading = await startDownloading(1024 * 1024, [{ path: 'file', times: 3, fault }])
    await expect(downloading.download()).rejects.toMatchObject({ code: 'E_TRUNCATED', moved: false })
    const [part] = readdirSync(join(downloading.state.tmp, 'left'))
    expect(part).toBe(`sha256-${downloading.wanted.digest.hex}.part`)
    downloading.upstream.requests.length = 0
    await downloading.download()
    expect(downloading.ranges()).toEqual([expect.stringMatching(/^bytes=[1-9]\d*- 206$/)])
    expect(downloading.received()).toBeLessThan(2 * 1024 * 1024)
    expectTidy(downloading)
  })

  test('is left where it is when the run is stopped', async () => {
    const stop = new AbortController()
    const fault = { kind: 'stall', after: 600 * 1024 } as const
    await using downloading = await startDownloading(large, [{ path: 'file', times: 1, fault }])
    setTimeout(() => stop.abort(new Error('stopped')), 300)
    await expect(downloading.download(downloading.wanted, stop.signal)).rejects.toThrow()
    const [part] = readdirSync(join(downloading.state.tmp, 'left'))
    expect(statSync(join(downloading.state.tmp, 'left', part as string)).size).toBeGreaterThan(200 * 1024)
    await downloading.download()
    expectTidy(downloading)
  })

  test('begins anew where the server answers a range with the whole', async () => {
    await using downloading = await startDownloading(large, [
      { path: 'file', times: 1, fault: { kind: 'truncate', after: 600 * 1024 } },
      { path: 'file', times: 1, fault: { kind: 'range', answer: 'whole' } },
    ])
    await downloading.download()
    expect(downloading.ranges()).toEqual(['whole 200', expect.stringMatching(/^bytes=\d+- 200$/)])
    expectTidy(downloading)
  })

  test.each(['wrongStart', 'wrongTotal', 'otherContent', 'unsatisfiable', 'multipart', 'noContentRange'] as const)(
    'begins anew where the server answers a range wrongly: %s',
    async (answer) => {
      await using downloading = await startDownloading(large, [
        { path: 'file', times: 1, fault: { kind: 'truncate', after: 600 * 1024 } },
        { path: 'file', times: 1, fault: { kind: 'range', answer } },
      ])
      await downloading.download()
      expect(downloading.ranges().at(-1)).toBe('whole 200')
      expectTidy(downloading)
    },
  )
})

describe('what an earlier run left', () => {
  test('is compared without a request where it is whole', async () => {
    await using downloading = await startDownloading(1000)
    writeFileSync(left(downloading), downloading.bytes)
    expect((await downloading.download()).fetched).toBe(0)
    expect(downloading.ranges()).toEqual([])
    expectTidy(downloading)
  })

  test.each([
    ['is whole but wrong', () => Buffer.alloc(1000)],
    ['is the beginning of another file', () => Buffer.alloc(500)],
    ['is too large', (bytes: Buffer) => Buffer.concat([bytes, bytes])],
  ])('is fetched anew where it %s', async (_, leave) => {
    await using downloading = await startDownloading(1000)
    writeFileSync(left(downloading), leave(downloading.bytes))
    await downloading.download()
    expect(downloading.ranges().at(-1)).toBe('whole 200')
    expectTidy(downloading)
  })
})

describe('a file that is not what the metadata names', () => {
  test('is an error with both digests, and leaves nothing', async () => {
    await using downloading = await startDownloading(1000)
    const wanted = { ...downloading.wanted, digest: digestOf('other') }
    const error: unknown = await downloading.download(wanted).catch((caught: unknown) => caught)
    const [expected, found] = [wanted.digest, downloading.wanted.digest].map(({ hex }) => hex.slice(0, 16))
    expect(error).toBeInstanceOf(FetchError)
    expect(error).toMatchObject({
      code: 'E_CHECKSUM',
      moved: true,
      what: 'file',
      message: `Cannot fetch file from ${downloading.upstream.url}file: sha256 expected ${expected}..., found ${found}...`,
    })
    expect(downloading.ranges()).toEqual(['whole 200'])
    expectTidy(downloading)
  })

  test.each([
    ['is too long', 999, /size expected 999, announced 1000/, 'E_SIZE'],
    ['is too short', 1001, /size expected 1001, announced 1000/, 'E_SIZE'],
  ])('%s', async (_, size, message, code) => {
    await using downloading = await startDownloading(1000)
    const refused = { code, moved: true, message: expect.stringMatching(message) }
    await expect(downloading.download({ ...downloading.wanted, size })).rejects.toMatchObject(refused)
    expectTidy(downloading)
  })

  test('is not read to its end where it has none', async () => {
    await using downloading = await startDownloading(1000, [{ path: 'file', fault: { kind: 'endlessBody' } }])
    const message = expect.stringContaining('size expected 1000, more was sent')
    await expect(downloading.download()).rejects.toMatchObject({ code: 'E_SIZE', moved: true, message })
    expectTidy(downloading)
  })

  test('is gone: that is told from other failures', async () => {
    await using downloading = await startDownloading(1000, [{ path: 'file', fault: { kind: 'status', status: 403 } }])
    await expect(downloading.download()).rejects.toMatchObject({ code: 'E_HTTP', moved: false })
    downloading.upstream.rules.splice(0, 1, { path: 'file', fault: { kind: 'status', status: 404 } })
    await expect(downloading.download()).rejects.toMatchObject({ code: 'E_HTTP', moved: true })
    expectTidy(downloading)
  })
})

describe('a file that is at several places', () => {
  test('comes from the next where the first has not got it, without a wait', async () => {
    await using downloading = await startDownloading(1000)
    const { wanted, upstream } = downloading
    const where = at([`${upstream.url}absent/`, 'http://127.0.0.1:1/', upstream.url])
    await downloading.download({ ...wanted, where })
    expect(downloading.ranges()).toEqual(['whole 404', 'whole 200'])
  })

  test('goes on at the next with what came from the first', async () => {
    await using downloading = await startDownloading(large, [
      { path: 'file', times: 1, fault: { kind: 'truncate', after: 600 * 1024 } },
    ])
    const { wanted, upstream } = downloading
    const other = upstream.url.replace('127.0.0.1', 'localhost')
    await downloading.download({ ...wanted, where: at([upstream.url, other]) })
    expect(downloading.ranges()).toEqual(['whole 200', expect.stringMatching(/^bytes=[1-9]\d*- 206$/)])
    expect(upstream.requests.map(({ headers }) => headers.host)).toEqual(
      [upstream.url, other].map((url) => new URL(url).host),
    )
  })
})

test('one file that is wanted twice at once is fetched once', async () => {
  await using downloading = await startDownloading(1000, [{ path: 'file', fault: { kind: 'delay', ms: 200 } }])
  const contents = await Promise.all([downloading.download(), downloading.download(), downloading.download()])
  expect(contents.map(({ fetched }) => fetched)).toEqual([1000, 0, 0])
  expect(downloading.ranges()).toEqual(['whole 200'])
})

test('whoever waits for another’s download stops when told to', async () => {
  await using downloading = await startDownloading(1000)
  writeFileSync(partPath(downloading.state.tmp, downloading.wanted.digest), '')
  const stop = new AbortController()
  setTimeout(() => stop.abort(new Error('stopped')), 50)
  await expect(downloading.download(downloading.wanted, stop.signal)).rejects.toThrow('stopped')
})

function left({ state, wanted }: Downloading): string {
  return leftPath(partPath(state.tmp, wanted.digest))
}

/** Nothing is left of a download besides the file in the pool. */
function expectTidy({ state }: Downloading): void {
  expect(readdirSync(state.tmp)).toEqual(['left'])
  expect(readdirSync(join(state.tmp, 'left'))).toEqual([])
}
