import { execFileSync } from 'node:child_process'
import { mkdir, readdir, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { MirrorError } from '../../src/errors.ts'
import { folderTransport } from '../../src/upstream/folder.ts'
import { judge } from '../helpers/judges.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'
import { failure, fetch } from './fetching.ts'

const megabytes = Buffer.alloc(3 * 2 ** 20, 'abc')

describe('a file of a folder', () => {
  test.each(['file', 'with space', 'with%20percent', 'ünïcode', '#?'])('named %j is read whole', async (name) => {
    await using folder = await makeTemporaryFolder()
    const path = join(folder.path, name)
    await writeFile(path, megabytes)
    await utimes(path, 1_700_000_000, 1_700_000_000)
    const url = pathToFileURL(path)
    const { heads, body } = await fetch(folderTransport, url)
    const headers = { 'content-length': String(megabytes.length), 'last-modified': 'Tue, 14 Nov 2023 22:13:20 GMT' }
    expect(heads).toEqual([{ status: 200, headers, url }])
    expect(body.equals(megabytes)).toBe(true)
  })

  test('may be empty', async () => {
    await using folder = await makeTemporaryFolder()
    await writeFile(join(folder.path, 'file'), '')
    const { heads, body } = await fetch(folderTransport, pathToFileURL(join(folder.path, 'file')))
    expect(heads).toMatchObject([{ status: 200, headers: { 'content-length': '0' } }])
    expect(body).toHaveLength(0)
  })

  test('may be a link to one', async () => {
    await using folder = await makeTemporaryFolder()
    await writeFile(join(folder.path, 'file'), 'content')
    await symlink('file', join(folder.path, 'link'))
    const { body } = await fetch(folderTransport, pathToFileURL(join(folder.path, 'link')))
    expect(String(body)).toBe('content')
  })
})

describe('what is not a file is not found', () => {
  test.each([
    ['a name that is not there', 'missing'],
    ['a folder', 'folder'],
    ['a folder with a slash', 'folder/'],
    ['something below a file', 'file/below'],
    ['a link to nowhere', 'dangling'],
    ['a name with an escaped slash', 'folder%2ffile'],
    ['a name with a null character', 'file%00'],
    ['a broken escape', 'file%zz'],
  ])('%s', async (_, name) => {
    await using folder = await makeTemporaryFolder()
    await mkdir(join(folder.path, 'folder'))
    await writeFile(join(folder.path, 'file'), '')
    await writeFile(join(folder.path, 'folder/file'), '')
    await symlink('nowhere', join(folder.path, 'dangling'))
    const url = new URL(`${pathToFileURL(folder.path).href}/${name}`)
    expect(await fetch(folderTransport, url)).toEqual({
      heads: [{ status: 404, headers: {}, url }],
      body: Buffer.alloc(0),
    })
  })

  test('a file of another host', async () => {
    expect((await fetch(folderTransport, 'file://elsewhere/etc/hosts')).heads).toMatchObject([{ status: 404 }])
  })

  test.skipIf(!judge('mkfifo'))('a named pipe, which nobody writes into', async () => {
    await using folder = await makeTemporaryFolder()
    execFileSync('mkfifo', [join(folder.path, 'pipe')])
    const { heads } = await fetch(folderTransport, pathToFileURL(join(folder.path, 'pipe')))
    expect(heads).toMatchObject([{ status: 404 }])
  })
})

describe('reading a folder', () => {
  test('fails with the path where the system refuses', async () => {
    await using folder = await makeTemporaryFolder()
    await symlink('loop', join(folder.path, 'loop'))
    expect(await failure(fetch(folderTransport, pathToFileURL(join(folder.path, 'loop'))))).toMatchObject({
      code: 'E_IO',
      message: expect.stringMatching(`^Cannot read ${join(folder.path, 'loop')}: ELOOP`),
    })
  })

  test('ends when its signal says so, with the reason of the signal', async () => {
    await using folder = await makeTemporaryFolder()
    await writeFile(join(folder.path, 'file'), megabytes)
    const stop = new AbortController()
    const receiver = { head: () => {}, data: () => stop.abort('enough') }
    const request = { url: pathToFileURL(join(folder.path, 'file')), signal: stop.signal }
    expect(await failure(folderTransport(request, receiver))).toBe('enough')
    expect(await failure(folderTransport(request, receiver))).toBe('enough')
  })

  test('ends with what the receiver throws, and leaves no file open', async () => {
    await using folder = await makeTemporaryFolder()
    await writeFile(join(folder.path, 'file'), megabytes)
    const request = { url: pathToFileURL(join(folder.path, 'file')), signal: new AbortController().signal }
    const before = (await readdir('/proc/self/fd')).length
    const refusal = new MirrorError('E_SIZE', 'too long')
    for (const place of ['head', 'data']) {
      const refuse = () => {
        throw refusal
      }
      expect(await failure(folderTransport(request, { head: () => {}, data: () => {}, [place]: refuse }))).toBe(refusal)
    }
    expect((await readdir('/proc/self/fd')).length).toBe(before)
  })
})
