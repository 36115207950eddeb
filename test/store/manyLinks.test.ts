import { linkSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeMirrored } from '../cli/mirrored.ts'
import { checkTree } from '../helpers/checker.ts'

const alpha = 'Packages/a/alpha-1.0-1.x86_64.rpm'

test('F7: a content that has as many links as the file system lets it have is published on from a copy', async (context) => {
  await using mirrored = await makeMirrored({ one: [{ name: 'alpha' }, { name: 'beta' }] })
  const { site } = mirrored
  const mirror = (...args: string[]) => mirrored.mirror(...args)
  expect(await mirror('sync')).toMatchObject({ status: 0 })
  const file = site.path('root/one', alpha)
  const before = lstatSync(file)
  mkdirSync(site.path('links'))
  // ext4 has a limit of 65,000; others have none that is worth waiting for.
  context.skip(!linkUntilRefused(file, site.path('links'), 70_000), 'no limit of links here')

  expect(await mirror('snapshot', 'create', 'first')).toMatchObject({ status: 0 })
  const frozen = lstatSync(site.path('root/snapshots/first/one', alpha))
  expect(frozen.ino).not.toBe(before.ino)
  expect(frozen).toMatchObject({ nlink: 2, mtimeMs: before.mtimeMs, mode: before.mode })
  expect(lstatSync(file).ino).toBe(before.ino)
  for (const tree of ['one', 'snapshots/first/one'])
    expect((await checkTree(site.path('root', tree))).problems).toEqual([])
  expect(await mirror('snapshot', 'create', 'second')).toMatchObject({ status: 0 })
  expect(lstatSync(site.path('root/snapshots/second/one', alpha))).toMatchObject({ ino: frozen.ino, nlink: 3 })
  expect(await mirror('verify')).toMatchObject({ status: 0 })
  expect(readdirSync(site.path('state/tmp')).filter((name) => name.endsWith('.renewed'))).toEqual([])
}, 120_000)

test('F7: nor is rot copied then', async (context) => {
  await using mirrored = await makeMirrored({ one: [{ name: 'alpha' }] })
  const { site } = mirrored
  const mirror = (...args: string[]) => mirrored.mirror(...args)
  expect(await mirror('sync')).toMatchObject({ status: 0 })
  const file = site.path('root/one', alpha)
  mkdirSync(site.path('links'))
  context.skip(!linkUntilRefused(file, site.path('links'), 70_000), 'no limit of links here')
  const bytes = readFileSync(file)
  bytes.writeUInt8(bytes.readUInt8(9) ^ 1, 9)
  writeFileSync(file, bytes)
  const { status, stderr } = await mirror('snapshot', 'create', 'first')
  expect({ status, stderr }).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(
      /E_CHECKSUM.* has as many links as it may have, and its bytes are not its own any more/,
    ),
  })
  expect(lstatSync(site.path('root/snapshots/first'), { throwIfNoEntry: false })).toBe(undefined)
}, 120_000)

/** Whether the file system refused to link a file once more before so many links. */
function linkUntilRefused(file: string, folder: string, most: number): boolean {
  for (let i = 0; i < most; i++) {
    try {
      linkSync(file, join(folder, String(i)))
    } catch (error) {
      expect(error).toMatchObject({ code: 'EMLINK' })
      return true
    }
  }
  return false
}
