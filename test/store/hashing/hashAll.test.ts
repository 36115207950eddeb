import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { hashAll } from '../../../src/store/hashing/hashAll.ts'
import type { Hashed } from '../../../src/store/hashing/hashFile.ts'
import { makeTemporaryFolder } from '../../helpers/temporary.ts'
import { sha256Of } from '../opened.ts'

const program = join(import.meta.dirname, '../../../src/main.ts')
const mebibyte = 1024 * 1024

async function hashed(files: string[], rate = 0, signal = new AbortController().signal): Promise<Map<string, Hashed>> {
  const found = new Map<string, Hashed>()
  const toHash = files.map((path) => ({ path, bytes: mebibyte }))
  await hashAll(toHash, { program, rate, signal }, ({ path }, one) => found.set(path, one))
  return found
}

test('files of all sizes are hashed, in threads where they are many', async () => {
  await using folder = await makeTemporaryFolder()
  const sizes = [0, 1, mebibyte - 1, mebibyte, mebibyte + 1, 3 * mebibyte, ...Array.from({ length: 300 }, (_, i) => i)]
  const files = sizes.map((size, i) => ({ path: join(folder.path, String(i)), bytes: Buffer.alloc(size, i) }))
  for (const { path, bytes } of files) writeFileSync(path, bytes)
  const found = await hashed(files.map(({ path }) => path))
  const expected = files.map(({ path, bytes }) => [path, { sha256: sha256Of(bytes), bytes: bytes.length }] as const)
  expect(found).toEqual(new Map(expected))
})

test('what cannot be read is told by its reason; a link is not followed', async () => {
  await using folder = await makeTemporaryFolder()
  const at = (name: string) => join(folder.path, name)
  mkdirSync(at('folder'))
  symlinkSync('/etc/passwd', at('link'))
  const found = await hashed([at('folder'), at('link'), at('none')])
  expect(Object.fromEntries(found)).toEqual({
    [at('folder')]: { failure: 'EISDIR' },
    [at('link')]: { failure: 'ELOOP' },
    [at('none')]: { failure: 'ENOENT' },
  })
})

test('a stop ends it at once, however slowly it reads', async () => {
  await using folder = await makeTemporaryFolder()
  const path = join(folder.path, 'large')
  writeFileSync(path, Buffer.alloc(8 * mebibyte))
  const began = performance.now()
  const stop = AbortSignal.timeout(300)
  await expect(hashed([path], mebibyte / 8, stop)).rejects.toThrow()
  expect(performance.now() - began).toBeLessThan(10_000)
})
