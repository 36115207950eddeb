import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { judge } from '../helpers/judges.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'
import { piped } from './compressed.ts'

const megabyte = Buffer.alloc(2 ** 20)
const compression = new URL('../../src/repodata/compression.ts', import.meta.url).href

/**
 * Reads a file in a process of its own: what comes out, how it ends, and the most memory that it took in MiB; its maxRSS
 * would be this process's, which it is forked from, where that is larger.
 */
function readAlone(file: string, openSize?: number): { size: number; line: string; peak: number } {
  const program = `
import { readFileSync } from 'node:fs'
import { readOpened } from ${JSON.stringify(compression)}
let size = 0
let line = ''
try {
  for await (const chunk of readOpened(${JSON.stringify(file)}, { openSize: ${openSize}, openChecksum: undefined }))
    size += chunk.length
} catch (error) {
  line = error.line ?? error.stack
}
const [, peak] = /^VmHWM:\\s*(\\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))
console.log(JSON.stringify({ size, line, peak: peak / 1024 }))`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout)
}

/** A gigabyte of zeros and how to press it into less than a megabyte. */
const bombs: [format: string, needs: string[], make: () => Buffer][] = [
  ['gz', [], () => Buffer.concat(Array(1024).fill(gzipSync(megabyte)))],
  ['zst', [], () => Buffer.concat(Array(1024).fill(zstdCompressSync(megabyte)))],
  ['xz', ['xz'], () => piped(Buffer.alloc(2 ** 28), 'xz', '-c')],
  ['bz2', ['bzip2'], () => piped(Buffer.alloc(2 ** 28), 'bzip2', '-c')],
]

const isMakeable = ([, needs]: (typeof bombs)[number]) => judge(...needs)

describe('a file of a few bytes that opens to very many', () => {
  test.each(bombs.filter(isMakeable))('stops at what is said of it, in %s', async (_, _needs, make) => {
    await using folder = await makeTemporaryFolder()
    const file = join(folder.path, 'bomb')
    await writeFile(file, make())
    const { size, line, peak } = readAlone(file, 3_000_000)
    expect(line).toBe('E_LIMIT: it unpacks to more than 3000000 bytes, its stated or allowed open-size')
    expect(size).toBeLessThanOrEqual(3_000_000)
    expect(peak).toBeLessThan(256)
  })

  test.each(bombs.slice(2).filter(isMakeable))(
    'stops where its size is out of all proportion, if nothing is said of it, in %s',
    async (_, _needs, make) => {
      await using folder = await makeTemporaryFolder()
      const file = join(folder.path, 'bomb')
      const bytes = make()
      await writeFile(file, bytes)
      const { size, line, peak } = readAlone(file)
      expect(line).toMatch(/^E_LIMIT: it unpacks to more than 65536000 bytes/)
      expect(size).toBeLessThanOrEqual(65_536_000)
      expect(peak).toBeLessThan(512)
    },
  )

  test('does not take memory for what is said of it, however much that is', async () => {
    await using folder = await makeTemporaryFolder()
    const file = join(folder.path, 'bomb')
    await writeFile(file, gzipSync(Buffer.alloc(2 ** 28)))
    const { size, line, peak } = readAlone(file, 2 ** 50)
    expect({ size, line }).toEqual({ size: 2 ** 28, line: `E_SIZE: open-size expected ${2 ** 50}, found ${2 ** 28}` })
    expect(peak).toBeLessThan(256)
  })
})
