import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Pair, startPair } from './pair.ts'

let pair: Pair
let files: string[]
let before: string[]

beforeAll(async () => {
  pair = await startPair()
  await pair.sync([{ name: 'old' }])
  await pair.export('old.tar')
  await pair.import('old.tar')
  await pair.sync(Array.from({ length: 12 }, (_, i) => ({ name: `p${i}`, size: 20_000 })))
  ;({ files } = await pair.export('new.tar', { partBytes: 65536 }))
  before = pair.shown()
})

afterAll(async () => {
  expect(await pair.import('new.tar')).toEqual(['base published 2'])
  await pair[Symbol.asyncDispose]()
})

describe('an archive in parts', () => {
  test('of which one is missing is refused, and that one named', async () => {
    for (const n of [2, files.length]) {
      const name = files[n - 1] as string
      renameSync(name, `${name}.away`)
      await refused(`E_ARCHIVE: .*: the part ${name} is missing; copy it beside the others`)
      renameSync(`${name}.away`, name)
    }
  })

  test('without any is told as such', async () => {
    const [line] = await pair.import('none.tar')
    expect(line).toBe(
      `E_USAGE: Cannot import ${pair.file('none.tar')}: there is no file ${pair.file('none.tar')}, and no ${pair.file('none.tar')}.001 of an archive in parts; nothing was published`,
    )
  })

  test('of which one is cut is refused, and that one named', async () => {
    const bytes = readFileSync(files[2] as string)
    writeFileSync(files[2] as string, bytes.subarray(0, 60_000))
    await refused(`E_TRUNCATED: .*: ${files[2]}: size expected 65536, found 60000; copy it again`)
    writeFileSync(files[2] as string, bytes)
  })

  test('of which two are swapped is refused, and both named', async () => {
    swap(1, 2)
    await refused(`E_(CHECKSUM|ARCHIVE): .*; ${files[1]} is in the place of ${files[2]}: name them as they were`)
    swap(1, 2)
  })

  test('of which one is damaged is refused, and that one named', async () => {
    const bytes = readFileSync(files[3] as string)
    const damaged = Buffer.from(bytes)
    damaged[5000]! ^= 1
    writeFileSync(files[3] as string, damaged)
    await refused(`E_(CHECKSUM|ARCHIVE): .*; ${files[3]} is damaged: copy it again`)
    const sums = readFileSync(pair.file('new.tar.sha256'))
    rmSync(pair.file('new.tar.sha256'))
    await refused(`E_(CHECKSUM|ARCHIVE): .*; it is in ${pair.file('new.tar')}\\.00\\d or right before it`)
    writeFileSync(pair.file('new.tar.sha256'), sums)
    writeFileSync(files[3] as string, bytes)
  })

  test('beside which there is one more is refused, and that one named', async () => {
    const more = `${pair.file('new.tar')}.${String(files.length + 1).padStart(3, '0')}`
    writeFileSync(more, 'x')
    await refused(`E_ARCHIVE: .*: ${more} is none of its ${files.length} parts; move it away`)
    rmSync(more)
  })
})

function swap(a: number, b: number): void {
  const [one, other] = [files[a] as string, files[b] as string]
  renameSync(one, `${one}.away`)
  renameSync(other, one)
  renameSync(`${one}.away`, other)
}

async function refused(pattern: string): Promise<void> {
  const lines = await pair.import('new.tar')
  expect(lines).toEqual([expect.stringMatching(new RegExp(`^${pattern}; nothing was published$`))])
  expect(pair.shown()).toEqual(before)
}
