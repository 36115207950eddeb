import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { stageFile } from '../../src/publish/stageFile.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'

const text = Buffer.from('<updates/>\n')

function digest(algorithm: string, bytes: Buffer): string {
  return createHash(algorithm).update(bytes).digest('hex')
}

test('a compressed file is copied as it is, with what its content measures', async () => {
  await using folder = await makeTemporaryFolder()
  const [source, file] = [join(folder.path, 'source'), join(folder.path, 'file')]
  const packed = gzipSync(text, { level: 1 })
  writeFileSync(source, packed)
  expect(await stageFile(source, file, 'sha512')).toEqual({
    file,
    sha256: digest('sha256', packed),
    size: packed.length,
    checksum: { algorithm: 'sha512', hex: digest('sha512', packed) },
    openChecksum: { algorithm: 'sha512', hex: digest('sha512', text) },
    openSize: text.length,
  })
  expect(readFileSync(file).equals(packed)).toBe(true)
})

test('a plain file has no open checksum', async () => {
  await using folder = await makeTemporaryFolder()
  const source = join(folder.path, 'source')
  writeFileSync(source, text)
  expect(await stageFile(source, join(folder.path, 'file'))).toMatchObject({
    checksum: { algorithm: 'sha256', hex: digest('sha256', text) },
    openChecksum: undefined,
    openSize: undefined,
  })
})

test('a file whose compression is broken is refused', async () => {
  await using folder = await makeTemporaryFolder()
  const source = join(folder.path, 'source')
  writeFileSync(source, gzipSync(text).subarray(0, -4))
  await expect(stageFile(source, join(folder.path, 'file'))).rejects.toMatchObject({ code: 'E_FORMAT' })
})

test('a file that is not there leaves none', async () => {
  await using folder = await makeTemporaryFolder()
  const file = join(folder.path, 'file')
  await expect(stageFile(join(folder.path, 'none'), file)).rejects.toMatchObject({ code: 'ENOENT' })
  expect(existsSync(file)).toBe(false)
})
