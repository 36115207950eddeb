import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseRepomd } from '../../src/repodata/repomd.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'
import { startSyncing } from './syncing.ts'

const comps = (id: string) => `<comps><group><id>${id}</id></group></comps>\n`

test('groups of the operator’s own take the place of upstream’s, and what changes in them is published', async () => {
  await using folder = await makeTemporaryFolder()
  const groupfile = join(folder.path, 'own.xml')
  const records = [
    { type: 'group', name: 'comps.xml', body: comps('theirs') },
    { type: 'group_gz', name: 'comps.xml.gz', body: comps('theirs') },
  ]
  await using syncing = await startSyncing([{ name: 'alpha' }], { records })
  const published = () => {
    const repomd = parseRepomd(readFileSync(join(syncing.tree, 'repodata/repomd.xml')))
    const groups = repomd.records.filter(({ type }) => type.startsWith('group'))
    return groups.map(({ href }) => readFileSync(join(syncing.tree, href), 'utf8'))
  }
  for (const id of ['ours', 'changed']) {
    writeFileSync(groupfile, comps(id))
    await syncing.run({ groupfile })
    expect(published()).toEqual([comps(id)])
    expect(await syncing.run({ groupfile })).toBeUndefined()
  }
  expect((await syncing.check()).problems).toEqual([])
  await syncing.run()
  expect(published()[0]).toBe(comps('theirs'))
})

test('groups of the operator’s own that are broken or not there are an error, and nothing is published', async () => {
  await using folder = await makeTemporaryFolder()
  const groupfile = join(folder.path, 'own.xml')
  await using syncing = await startSyncing([{ name: 'alpha' }])
  await expect(syncing.run({ groupfile })).rejects.toThrow(
    `Cannot read the groupfile ${groupfile}: no such file or directory`,
  )
  writeFileSync(groupfile, '<html/>')
  await expect(syncing.run({ groupfile })).rejects.toThrow(`groupfile ${groupfile}: expected <comps>, found <html>`)
})
