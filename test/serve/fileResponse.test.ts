import { renameSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { withoutBody } from '../../src/serve/message.ts'
import { asking, bytesOf, get, pattern, site, tree } from './serving.ts'

const sha256 = 'a1'.repeat(32)

describe('headers', () => {
  const names = {
    'repodata/repomd.xml': ['application/xml', 'no-cache'],
    'repodata/repomd.xml.asc': ['text/plain; charset=utf-8', 'no-cache'],
    'repodata/primary.xml.gz': ['application/gzip', 'no-cache'],
    [`repodata/${sha256}-primary.xml.gz`]: ['application/gzip', 'immutable'],
    [`repodata/${sha256}-primary.xml.zst`]: ['application/zstd', 'immutable'],
    [`repodata/${'0f'.repeat(20)}-other.xml.xz`]: ['application/x-xz', 'immutable'],
    [`repodata/${'0f'.repeat(64)}-filelists.sqlite.bz2`]: ['application/x-bzip2', 'immutable'],
    [`repodata/${'0f'.repeat(16)}-md5.xml`]: ['application/xml', 'no-cache'],
    [`repodata/${sha256}-modules.yaml`]: ['application/yaml', 'immutable'],
    [`repodata/${sha256}-primary.xml.zck`]: ['application/octet-stream', 'immutable'],
    [`images/${sha256}-install.img`]: ['application/octet-stream', 'no-cache'],
    'Packages/b/bash-5-1.x86_64.rpm': ['application/x-rpm', 'immutable'],
    'kickstart/Packages/b/bash-5-1.x86_64.rpm': ['application/x-rpm', 'immutable'],
    'kickstart/.treeinfo': ['text/plain; charset=utf-8', 'no-cache'],
    'kickstart/images/pxeboot/vmlinuz': ['application/octet-stream', 'no-cache'],
    'epel-release-latest-9.noarch.rpm': ['application/x-rpm', 'no-cache'],
    'Packages/b/BASH.RPM': ['application/x-rpm', 'no-cache'],
    '.treeinfo': ['text/plain; charset=utf-8', 'no-cache'],
    '.discinfo': ['text/plain; charset=utf-8', 'no-cache'],
    'images/install.img': ['application/octet-stream', 'no-cache'],
    'RPM-GPG-KEY': ['application/octet-stream', 'no-cache'],
    'name.constructor': ['application/octet-stream', 'no-cache'],
    xml: ['application/octet-stream', 'no-cache'],
  }

  test.each(Object.entries(names))('%s is %j', async (path, [type, caching]) => {
    const root = tree({ [path]: 'content' })
    const { status, headers } = await get(site(root), `/${path}`)
    expect(status).toBe(200)
    expect(headers).toMatchObject({
      'content-type': type,
      'content-length': 7,
      'cache-control': caching === 'immutable' ? 'public, max-age=31536000, immutable' : 'no-cache',
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
    })
    expect(headers).not.toHaveProperty('content-encoding')
  })

  test("upstream's web pages run nothing on our origin", async () => {
    const handler = site(tree({ 'notes.html': '<script>alert(1)</script>' }))
    const { headers } = await get(handler, '/notes.html')
    expect(headers['content-security-policy']).toMatch(/^sandbox; default-src 'none'/)
  })
})

describe('validators', () => {
  test('the ETag of hashed metadata is its sha256', async () => {
    const path = `repodata/${sha256}-primary.xml.gz`
    const { headers } = await get(site(tree({ [path]: 'x' })), `/${path}`)
    expect(headers.etag).toBe(`"${sha256}"`)
  })

  test('a hash before the name of any other file proves nothing', async () => {
    const { headers } = await get(site(tree({ [`${sha256}-x`]: 'x' })), `/${sha256}-x`)
    expect(headers.etag).not.toContain(sha256)
  })

  test('two repomd.xml of one size and one mtime never share an ETag or a 304', async () => {
    const root = tree({ 'repodata/repomd.xml': 'one', next: 'two' })
    const time = new Date('2024-01-01T00:00:00Z')
    const path = join(root, 'repodata/repomd.xml')
    for (const file of [path, join(root, 'next')]) utimesSync(file, time, time)
    const handler = site(root)
    const first = await get(handler, '/repodata/repomd.xml')
    renameSync(join(root, 'next'), path)
    const again = { 'if-none-match': String(first.headers.etag), 'if-modified-since': new Date().toUTCString() }
    const second = await get(handler, '/repodata/repomd.xml', again)
    expect(second.status).toBe(200)
    expect(bytesOf(second).toString()).toBe('two')
  })

  test('a client that knows dates only sees a repomd.xml that is newer but carries an older mtime', async () => {
    const root = tree({ 'repodata/repomd.xml': 'one', next: 'two' })
    const path = join(root, 'repodata/repomd.xml')
    utimesSync(join(root, 'next'), 1_000_000_000, 1_000_000_000)
    const handler = site(root)
    const copyMadeAt = new Date()
    await wait(1000 - copyMadeAt.getMilliseconds() + 50)
    renameSync(join(root, 'next'), path)
    await wait(2100)
    const since = { 'if-modified-since': copyMadeAt.toUTCString() }
    expect((await get(handler, '/repodata/repomd.xml', since)).status).toBe(200)
  })

  test('a young repomd.xml has no Last-Modified, an older one answers 304 by it', async () => {
    const root = tree({ 'repomd.xml': 'one' })
    const handler = site(root)
    expect((await get(handler, '/repomd.xml')).headers).not.toHaveProperty('last-modified')
    await wait(2000 + 1000 - new Date().getMilliseconds())
    const { headers } = await get(handler, '/repomd.xml')
    const since = { 'if-modified-since': String(headers['last-modified']) }
    const { status, body, headers: kept } = await get(handler, '/repomd.xml', since)
    expect({ status, body }).toEqual({ status: 304, body: undefined })
    expect(kept).toEqual({
      etag: headers.etag,
      'cache-control': 'no-cache',
      'last-modified': headers['last-modified'],
    })
  })

  test('a package keeps the date that its record has', async () => {
    const root = tree({ 'a-1-1.noarch.rpm': 'x' })
    utimesSync(join(root, 'a-1-1.noarch.rpm'), 1_700_000_000, 1_700_000_000)
    const { headers } = await get(site(root), '/a-1-1.noarch.rpm')
    expect(headers['last-modified']).toBe('Tue, 14 Nov 2023 22:13:20 GMT')
  })

  test('a date in the future is not given out', async () => {
    const root = tree({ 'a-1-1.noarch.rpm': 'x' })
    utimesSync(join(root, 'a-1-1.noarch.rpm'), 5_000_000_000, 5_000_000_000)
    expect((await get(site(root), '/a-1-1.noarch.rpm')).headers).not.toHaveProperty('last-modified')
  })

  test('a change in place with the old mtime changes the ETag', async () => {
    const root = tree({ file: 'one' })
    const handler = site(root)
    const { headers } = await get(handler, '/file')
    const { atime, mtime } = statSync(join(root, 'file'))
    await wait(20)
    writeFileSync(join(root, 'file'), 'two')
    utimesSync(join(root, 'file'), atime, mtime)
    expect((await get(handler, '/file')).headers.etag).not.toBe(headers.etag)
  })

  test('If-Match of another content is 412', async () => {
    expect((await get(site(tree({ file: 'x' })), '/file', { 'if-match': '"other"' })).status).toBe(412)
  })
})

describe('ranges', () => {
  const content = pattern(5000)

  test.each([
    ['bytes=0-8', 0, 8],
    ['bytes=-10', 4990, 4999],
    ['bytes=4990-9999', 4990, 4999],
    ['bytes=300-', 300, 4999],
  ])('%s sends exactly these bytes', async (range, first, last) => {
    const response = await get(site(tree({ file: content })), '/file', { range })
    expect(response.status).toBe(206)
    expect(response.headers).toMatchObject({
      'content-range': `bytes ${first}-${last}/5000`,
      'content-length': last - first + 1,
    })
    expect(bytesOf(response)).toEqual(content.subarray(first, last + 1))
  })

  test('several ranges are one multipart body with the right length and bytes', async () => {
    const handler = site(tree({ 'x.rpm': content }))
    const response = await get(handler, '/x.rpm', { range: 'bytes=10-19, -10, 300-309' })
    const type = String(response.headers['content-type'])
    const boundary = /^multipart\/byteranges; boundary=([\da-f]{32})$/.exec(type)?.[1]
    const part = (first: number, last: number): string =>
      `\r\n--${boundary}\r\ncontent-type: application/x-rpm\r\ncontent-range: bytes ${first}-${last}/5000\r\n\r\n` +
      content.toString('latin1', first, last + 1)
    const body = bytesOf(response)
    expect(body.toString('latin1')).toBe(`${part(10, 19)}${part(4990, 4999)}${part(300, 309)}\r\n--${boundary}--\r\n`)
    expect(response).toMatchObject({ status: 206, headers: { 'content-length': body.length } })
    expect(response.headers).not.toHaveProperty('content-range')
  })

  test('1,000 separate ranges get the whole file', async () => {
    const range = `bytes=${Array.from({ length: 1000 }, (_, i) => `${i * 4}-${i * 4}`).join(',')}`
    const response = await get(site(tree({ file: content })), '/file', { range })
    expect(response.status).toBe(200)
    expect(bytesOf(response)).toEqual(content)
  })

  test('a range outside is 416 and says the size', async () => {
    const response = await get(site(tree({ file: content })), '/file', { range: 'bytes=5000-' })
    expect(response).toMatchObject({ status: 416, headers: { 'content-range': 'bytes */5000' } })
  })

  test('If-Range of the content at hand gets the range, of an older one the whole', async () => {
    const handler = site(tree({ file: content }))
    const { headers } = await get(handler, '/file')
    const resume = { range: 'bytes=4000-', 'if-range': String(headers.etag) }
    expect((await get(handler, '/file', resume)).status).toBe(206)
    expect((await get(handler, '/file', { ...resume, 'if-range': '"old"' })).status).toBe(200)
  })

  test('HEAD says what GET would, without a body, whatever range it asks for', async () => {
    const root = tree({ file: content })
    const head = withoutBody(await site(root)(asking('HEAD', '/file', { range: 'bytes=0-1' })))
    const { status, headers } = await get(site(root), '/file')
    expect(head).toEqual({ status, headers })
  })

  test('an empty file is sent, and no range of it', async () => {
    const handler = site(tree({ file: '' }))
    expect(await get(handler, '/file')).toMatchObject({ status: 200, headers: { 'content-length': 0 } })
    expect((await get(handler, '/file', { range: 'bytes=0-' })).status).toBe(416)
  })
})
