import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseRepomd } from '../../src/repodata/repomd.ts'
import { decompress } from '../helpers/checker/digest.ts'
import { startSyncing } from './syncing.ts'

const comps = (...names: string[]) =>
  `<comps>\n<group><id>g</id><packagelist>\n${names.map((name) => `<packagereq>${name}</packagereq>\n`).join('')}</packagelist></group>\n</comps>\n`

test('groups name only what is published, if they are to; copies of them in other forms go', async () => {
  const body = comps('alpha', 'beta', 'elsewhere')
  const records = [
    { type: 'group', name: 'comps.xml', body },
    { type: 'group_gz', name: 'comps.xml.gz', body },
  ]
  await using syncing = await startSyncing([{ name: 'alpha' }, { name: 'beta' }], { records })
  const published = () => {
    const repomd = parseRepomd(readFileSync(join(syncing.tree, 'repodata/repomd.xml')))
    const texts = repomd.records
      .filter(({ type }) => type.startsWith('group'))
      .map(({ type, href }) => [type, decompress(readFileSync(join(syncing.tree, href))).toString()])
    return Object.fromEntries(texts) as Record<string, string>
  }
  await syncing.run({ excludepkgs: ['beta'] })
  expect(published()).toEqual({ group: body, group_gz: body })
  await syncing.run({ excludepkgs: ['beta'], comps: 'present' })
  expect(published()).toEqual({ group: comps('alpha') })
  expect((await syncing.check()).problems).toEqual([])
  expect(await syncing.run({ excludepkgs: ['beta'], comps: 'present' })).toBeUndefined()
})
