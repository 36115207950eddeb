import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { scrub } from '../../src/jobs/scrub.ts'
import { nextSlice, readDamage, readScrub, writeScrub } from '../../src/lifecycle/verify/scrub.ts'
import { makeMirrored } from '../cli/mirrored.ts'
import { makeInstallation, until } from '../daemon/running.ts'
import { checkTree } from '../helpers/checker.ts'
import { flipBit } from '../lifecycle/verify/verifying.ts'
import { addContent, openNewState } from '../store/opened.ts'
import { holding } from './repairing.ts'

const alpha = 'Packages/a/alpha-1.0-1.x86_64.rpm'
const program = join(import.meta.dirname, '../../src/main.ts')

test('slices follow each other through all contents, as much at once as time has passed, and begin again', async () => {
  await using opened = await openNewState()
  const { state } = opened
  for (let i = 0; i < 20; i++) addContent(state, Buffer.alloc(1000, i))
  const read: string[] = []
  const passes: number[] = []
  for (const at of [1000, 1100, 1500, 1600, 2100, 2200]) {
    const { contents, after } = nextSlice(state.database, 1000, at)
    writeScrub(state.database, after)
    read.push(...contents)
    passes.push(contents.size)
  }
  // One at first, a tenth, four tenths, a tenth, what is left of the half, and the beginning again.
  expect(passes).toEqual([1, 2, 8, 2, 7, 2])
  expect(new Set(read.slice(0, 20)).size).toBe(20)
  expect(read.slice(20)).toEqual(read.slice(0, 2))
  expect(readScrub(state.database)).toMatchObject({ began: 2200, ended: 2100, bytes: 2000 })
})

test('a slice finds rot and puts it right, and goes on from where the last one ended', async () => {
  await using mirrored = await makeMirrored({ one: [{ name: 'alpha' }, { name: 'beta' }] })
  await mirrored.mirror('sync')
  const config = await loadConfig(mirrored.site.configFile)
  const file = mirrored.site.path('root/one', alpha)
  flipBit(file, 8)
  await holding(mirrored, async (state) => {
    const signal = new AbortController().signal
    const using = { state, config, program, emit: () => {}, signal, by: 'a test', arguments: {} }
    const found: string[] = []
    const read = state.database.prepare('SELECT count(*) AS n FROM content').get()?.n as number
    for (let slice = 0; slice < read; slice++) found.push(...(await scrub(using)).found.map(({ kind }) => kind))
    expect(found).toEqual(['rot'])
    expect(readScrub(state.database)).toMatchObject({ mended: 1, position: '', ended: expect.any(Number) })
    expect(readDamage(state.database)).toEqual([])
  })
  expect(readFileSync(file)).toEqual(readFileSync(mirrored.site.path('upstream/one', alpha)))
})

test('a daemon finds rot by itself, repairs it, and syncs meanwhile as ever', async () => {
  await using installed = await makeInstallation({ one: [{ name: 'alpha' }, { name: 'beta' }] }, { scrub: '3s' })
  await installed.mirror('sync')
  const file = installed.site.path('root/one', alpha)
  const right = readFileSync(file)
  flipBit(file, 80)
  const { ino } = statSync(file)
  await using daemon = await installed.start()
  await daemon.says(/E_DAMAGED|found rot: .*alpha/)
  await installed.offer('one', [{ name: 'alpha' }, { name: 'gamma' }])
  expect(await installed.mirror('sync')).toMatchObject({ status: 0 })
  await until(() => readFileSync(file).equals(right))
  expect(statSync(file).ino).not.toBe(ino)
  expect((await checkTree(installed.site.path('root/one'))).problems).toEqual([])
}, 120_000)
