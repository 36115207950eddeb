import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { expect, test } from 'vitest'
import { writeCompressed } from '../../src/publish/compressed.ts'
import { throughProgram } from '../../src/repodata/program.ts'
import { judge } from '../helpers/judges.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'
import { piped } from './compressed.ts'

const document = Buffer.from(Array.from({ length: 100_000 }, (_, i) => `<package pkgid="${i * 7919}"/>\n`).join(''))

test('bytes pass through a program, whatever it keeps to itself meanwhile', async () => {
  expect((await through('cat', [])).equals(document)).toBe(true)
  expect((await through('tail', ['-c', '1000000'])).equals(document.subarray(-1_000_000))).toBe(true)
})

test('a program that fails is told with what it said', async () => {
  await expect(through('sh', ['-c', 'head -c 100; echo "no luck" >&2; exit 3'])).rejects.toMatchObject({
    code: 'E_IO',
    message: 'sh failed (status 3): no luck; run again',
  })
})

test('a program that is killed is told, though it printed something', async () => {
  await expect(through('sh', ['-c', 'echo half; kill -9 $$'])).rejects.toMatchObject({
    message: 'sh failed (SIGKILL); run again',
  })
})

test('a program that is not there is named', async () => {
  await expect(through('no-such-compressor', [])).rejects.toMatchObject({
    code: 'E_CONFIG',
    message: 'no-such-compressor is not installed; install it, or choose gz or zstd',
  })
})

test('a program ends when what feeds it fails', { timeout: 20_000 }, async () => {
  const stream = throughProgram('sh', ['-c', 'echo $$; exec sleep 1000'])
  const pid = Number(String(await new Promise((resolve) => stream.once('data', resolve))))
  const failing = new Readable({ read() {} })
  setImmediate(() => failing.destroy(new Error('no more input')))
  await expect(pipeline(failing, stream, async (blocks) => Array.fromAsync(blocks))).rejects.toThrow('no more input')
  await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false)
})

test.skipIf(!judge('xz', 'bzip2')).each([
  ['xz', ['-dc']],
  ['bz2', ['-dc']],
] as const)('%s is written so that its own program reads it, the same each time', async (format, args) => {
  await using folder = await makeTemporaryFolder()
  const file = join(folder.path, 'document')
  const written = await writeCompressed(Readable.from([document]), { file, format })
  const bytes = readFileSync(file)
  expect(piped(bytes, format === 'xz' ? 'xz' : 'bzip2', ...args).equals(document)).toBe(true)
  expect(written).toMatchObject({ size: bytes.length, openSize: document.length })
  const piece = Math.ceil(document.length / 7)
  const pieces = Array.from({ length: 7 }, (_, i) => document.subarray(i * piece, (i + 1) * piece))
  await writeCompressed(Readable.from(pieces), { file, format })
  expect(readFileSync(file).equals(bytes)).toBe(true)
})

test('a file that could not be compressed is not left', async () => {
  await using folder = await makeTemporaryFolder()
  const path = process.env.PATH
  process.env.PATH = folder.path
  try {
    const output = { file: join(folder.path, 'document.xz'), format: 'xz' } as const
    await expect(writeCompressed(Readable.from([document]), output)).rejects.toThrow(/^xz is not installed; /)
  } finally {
    process.env.PATH = path
  }
  expect(readdirSync(folder.path)).toEqual([])
})

async function through(command: string, args: string[]): Promise<Buffer> {
  let printed: Buffer[] = []
  await pipeline(Readable.from([document]), throughProgram(command, args), async (blocks: AsyncIterable<Buffer>) => {
    printed = await Array.fromAsync(blocks)
  })
  return Buffer.concat(printed)
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
