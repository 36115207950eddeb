import { chmodSync, copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { reflinks } from '../../src/sync/reflink.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'
import { startDownloading } from './downloading.ts'

describe('a download of a file that was reflinked', () => {
  test('takes it for what came, and verifies that', async () => {
    await using downloading = await startDownloading(300_000)
    const { state, upstream, bytes, wanted } = downloading
    downloading.reflink = (_, target) => {
      writeFileSync(target, bytes)
      return true
    }
    const { sha256, fetched } = await downloading.download()
    expect([sha256, fetched, upstream.requests]).toEqual([wanted.digest.hex, bytes.length, []])
    const file = state.pool.path(sha256)
    expect(readFileSync(file).equals(bytes)).toBe(true)
    expect(statSync(file).mtimeMs).toBe(wanted.fileTime * 1000)
  })

  test.each([
    ['other bytes', 'E_CHECKSUM', (bytes: Buffer) => Buffer.concat([bytes.subarray(1), Buffer.from('x')])],
    ['more bytes', 'E_SIZE', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('x')])],
    ['fewer bytes', 'E_SIZE', (bytes: Buffer) => bytes.subarray(1)],
  ])('is refused at once where it has %s', async (_, code, change) => {
    await using downloading = await startDownloading(1000)
    let times = 0
    downloading.reflink = (_url, target) => {
      times++
      writeFileSync(target, change(downloading.bytes))
      return true
    }
    await expect(downloading.download()).rejects.toMatchObject({ code, moved: true })
    expect([times, downloading.state.pool.size(downloading.wanted.digest.hex)]).toEqual([1, undefined])
  })
})

describe('a reflink', () => {
  test('is a file of its own for everybody to read, or nothing; either is told once', async () => {
    await using folder = await makeTemporaryFolder()
    const [source, target] = [join(folder.path, 'a b.rpm'), join(folder.path, 'target')]
    writeFileSync(source, 'package')
    chmodSync(source, 0o600)
    const told: string[] = []
    const reflink = reflinks(pathToFileURL(`${folder.path}/`), (line) => told.push(line))
    const made = [reflink(pathToFileURL(source), target), reflink(pathToFileURL(source), target)]
    expect(told).toHaveLength(1)
    if (made[0]) {
      expect([made[1], told[0], readFileSync(target, 'utf8')]).toEqual([
        true,
        expect.stringMatching(/^reflinked: /),
        'package',
      ])
      expect([statSync(target).mode & 0o777, statSync(source).nlink]).toEqual([0o644, 1])
    } else {
      expect([made[1], told[0]]).toEqual([false, expect.stringMatching(/^copied: .*\(reflink\)$/)])
      expect(existsSync(target)).toBe(false)
    }
  })

  test('is not for metadata nor for a file that is gone, and neither is told', async () => {
    await using folder = await makeTemporaryFolder()
    copyFileSync(import.meta.filename, join(folder.path, 'file'))
    const told: string[] = []
    const reflink = reflinks(pathToFileURL(`${folder.path}/`), (line) => told.push(line))
    const urls = ['repodata/repomd.xml', 'gone.rpm'].map((path) => pathToFileURL(join(folder.path, path)))
    expect([urls.map((url) => reflink(url, join(folder.path, 'target'))), told]).toEqual([[false, false], []])
  })
})
