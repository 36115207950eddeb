import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Digest } from '../../src/digest.ts'
import { leftPath, PartFile, partPath } from '../../src/store/part.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'
import { sha256Of } from '../store/opened.ts'

const digest: Digest = { algorithm: 'sha256', hex: sha256Of('some bytes') }
const time = 1_600_000_000

describe('a claim', () => {
  test('is refused while somebody has it, and free when it is given up', async () => {
    await using folder = await prepare()
    const path = partPath(folder.path, digest)
    const part = claim(path)
    expect(PartFile.claim(path, digest)).toBeUndefined()
    part.giveUp(false)
    expect(readdirSync(folder.path)).toEqual(['left'])
    claim(path).giveUp(false)
  })

  test('is refused too where an earlier run left something that could be taken up', async () => {
    await using folder = await prepare()
    const path = partPath(folder.path, digest)
    const part = claim(path)
    writeFileSync(leftPath(path), 'some')
    expect(PartFile.claim(path, digest)).toBeUndefined()
    expect(readFileSync(leftPath(path), 'utf8')).toBe('some')
    part.giveUp(false)
  })

  test('is for a digest: another file is another claim', async () => {
    await using folder = await prepare()
    const other: Digest = { algorithm: 'md5', hex: 'a'.repeat(32) }
    expect(partPath(folder.path, other)).toBe(join(folder.path, `md5-${other.hex}.part`))
    const parts = [claim(partPath(folder.path, digest)), claim(partPath(folder.path, other))]
    for (const part of parts) part.giveUp(false)
  })
})

describe('a file under way', () => {
  test('is hashed while it is written, and has its bytes and its time at the end', async () => {
    await using folder = await prepare()
    const part = claim(partPath(folder.path, digest))
    for (const piece of ['some', ' ', 'bytes']) part.append(Buffer.from(piece))
    expect(part.bytes).toBe(10)
    expect(await part.finish(time)).toEqual({ stated: digest, sha256: digest.hex })
    part.close()
    expect(readFileSync(part.path, 'utf8')).toBe('some bytes')
    expect(statSync(part.path).mtimeMs).toBe(time * 1000)
    expect((statSync(part.path).mode & 0o777).toString(8)).toBe('644')
  })

  test('is the same in pieces of any size', async () => {
    await using folder = await prepare()
    const bytes = Buffer.alloc(3 * 1024 * 1024 + 17, 'abcdefg')
    const part = claim(partPath(folder.path, digest))
    for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 3) % 700_001)
      part.append(bytes.subarray(at, at + size))
    expect(await part.finish(0)).toMatchObject({ sha256: sha256Of(bytes) })
    part.close()
    expect(readFileSync(part.path).equals(bytes)).toBe(true)
  })

  test('may begin again: what was written is forgotten', async () => {
    await using folder = await prepare()
    const part = claim(partPath(folder.path, digest))
    part.append(Buffer.alloc(600 * 1024, 'wrong'))
    part.restart()
    expect(part.bytes).toBe(0)
    part.append(Buffer.from('some bytes'))
    expect((await part.finish(0)).sha256).toBe(digest.hex)
    part.close()
    expect(readFileSync(part.path, 'utf8')).toBe('some bytes')
  })
})

describe('what is given up', () => {
  test('is taken up by the next claim, bytes and hash', async () => {
    await using folder = await prepare()
    const path = partPath(folder.path, digest)
    const bytes = Buffer.alloc(2 * 1024 * 1024 + 5, 'abcdefg')
    const first = claim(path)
    first.append(bytes.subarray(0, 1_500_000))
    first.giveUp(true)
    expect([existsSync(path), existsSync(leftPath(path))]).toEqual([false, true])
    const second = claim(path)
    expect(second.bytes).toBe(statSync(path).size)
    expect(second.bytes).toBeGreaterThan(0)
    expect(existsSync(leftPath(path))).toBe(false)
    second.append(bytes.subarray(second.bytes))
    expect((await second.finish(0)).sha256).toBe(sha256Of(bytes))
    second.close()
    expect(readFileSync(path).equals(bytes)).toBe(true)
  })

  test.each([
    ['it is not worth it', 600 * 1024, false],
    ['nothing of it was written yet', 10, true],
    ['nothing came', 0, true],
  ])('goes where %s', async (_, bytes, keep) => {
    await using folder = await prepare()
    const path = partPath(folder.path, digest)
    const part = claim(path)
    if (bytes > 0) part.append(Buffer.alloc(bytes))
    part.giveUp(keep)
    expect([existsSync(path), existsSync(leftPath(path))]).toEqual([false, false])
  })
})

/** A state's tmp/ folder. */
async function prepare() {
  const folder = await makeTemporaryFolder()
  mkdirSync(join(folder.path, 'left'))
  return folder
}

function claim(path: string): PartFile {
  const part = PartFile.claim(path, digest)
  if (part === undefined) throw new Error(`${path} is claimed already`)
  return part
}
