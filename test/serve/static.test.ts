import { execFileSync } from 'node:child_process'
import { chmodSync, renameSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { realRoot } from '../../src/serve/file.ts'
import { withoutBody } from '../../src/serve/message.ts'
import { asking, bytesOf, get, openBelow, pattern, site, tree } from './serving.ts'

describe('what is private', () => {
  test.each([
    '/.mirror',
    '/.hidden/file',
    '/repo/.tmp-1',
    '/repo/.treeinfo.new',
    '/link',
    '/link/secret',
    '/repo/file-link',
    '/loop/x',
    '/repo/file/below',
    '/inside',
    '/inside/file',
    '/nothing',
    '/repo/file/',
    '/fifo',
    `/${'n'.repeat(300)}`,
    `/${'d/'.repeat(3000)}x`,
  ])('%s is 404', async (target) => {
    const root = tree({
      '../state/secret': 'secret',
      '.mirror': 'x',
      '.hidden/file': 'x',
      'repo/.tmp-1': 'x',
      'repo/.treeinfo.new': 'x',
      'repo/file': 'x',
    })
    symlinkSync('../state', join(root, 'link'))
    symlinkSync('../../state/secret', join(root, 'repo/file-link'))
    symlinkSync('loop', join(root, 'loop'))
    symlinkSync('repo', join(root, 'inside'))
    execFileSync('mkfifo', [join(root, 'fifo')])
    const { status } = await get(site(root), target)
    expect(status).toBe(404)
  })

  test('a folder that becomes a symlink out of the root is 404 from then on', async () => {
    const root = tree({ 'repo/file': 'ours', '../state/file': 'secret' })
    const handler = site(root)
    expect(bytesOf(await get(handler, '/repo/file')).toString()).toBe('ours')
    renameSync(join(root, 'repo'), join(root, 'old'))
    symlinkSync('../state', join(root, 'repo'))
    expect((await get(handler, '/repo/file')).status).toBe(404)
  })

  test('a root that is itself reached by a symlink is served', async () => {
    const root = tree({ 'repo/file': 'ours' })
    symlinkSync('www', `${root}-link`)
    expect(bytesOf(await get(site(`${root}-link`), '/repo/file')).toString()).toBe('ours')
  })

  test.skipIf(process.getuid?.() === 0)('a file that may not be read is 403', async () => {
    const root = tree({ file: 'x' })
    chmodSync(join(root, 'file'), 0)
    expect((await get(site(root), '/file')).status).toBe(403)
  })

  test('no root is E_ROOT in one line', () => {
    const root = tree({ file: 'x' })
    expect(() => realRoot(join(root, 'absent'))).toThrow(/^Cannot serve .*absent: no such file or directory/)
    expect(() => realRoot(join(root, 'file'))).toThrow(/^Cannot serve .*file: a folder expected/)
  })
})

describe('redirects', () => {
  test('a folder without its slash is sent there, query and escapes kept', async () => {
    const root = tree({ 'a b/c^d/file': 'x' })
    expect(await get(site(root), '/a%20b/c%5Ed?x=%2F')).toMatchObject({
      status: 301,
      headers: { location: '/a%20b/c%5Ed/?x=%2F' },
    })
  })

  test('a doubled slash, as installers send it, is sent to the one name', async () => {
    const handler = site(tree({ 'os/.treeinfo': 'x' }))
    expect(await get(handler, '/os//.treeinfo')).toMatchObject({ status: 301, headers: { location: '/os/.treeinfo' } })
    expect(await get(handler, '/os//')).toMatchObject({ status: 301, headers: { location: '/os/' } })
    expect(await get(handler, '/os//absent')).toMatchObject({ status: 404 })
  })
})

test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'OPTIONS', 'PROPFIND', 'get'])('%s is 405', async (method) => {
  const response = await site(tree({ file: 'x' }))(asking(method, '/file'))
  expect(response).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } })
})

test.each([
  ['small', 10],
  ['large', 100_000],
])('a %s file that was replaced after it was opened is still sent whole, and the new one then', async (_, size) => {
  const [first, second] = ['1'.repeat(size), '2'.repeat(size)]
  const root = tree({ 'repodata/repomd.xml': first, next: second })
  const handler = site(root)
  const response = await get(handler, '/repodata/repomd.xml')
  renameSync(join(root, 'next'), join(root, 'repodata/repomd.xml'))
  expect(bytesOf(response).toString()).toBe(first)
  expect(bytesOf(await get(handler, '/repodata/repomd.xml')).toString()).toBe(second)
})

test('no answer leaves a file open unless it sends it', async () => {
  const root = tree({ 'r/small': 'x', 'r/file': pattern(100_000) })
  const handler = site(root)
  const asked = [
    get(handler, '/r/small'),
    get(handler, '/r'),
    get(handler, '/r/'),
    get(handler, '/r/file', { 'if-none-match': '*' }),
    get(handler, '/r/file', { 'if-match': '"x"' }),
    get(handler, '/r/file', { range: 'bytes=100000-' }),
    get(handler, '/r/file/'),
    get(handler, '/r//file'),
  ]
  await Promise.all(asked)
  for (const target of ['/r/file', '/r/']) withoutBody(await handler(asking('HEAD', target)))
  expect(openBelow(root)).toEqual([])
})
