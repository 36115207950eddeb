import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { makeSite, runMirror, type Site } from '../../helpers/mirror.ts'

const treeinfo = [
  '[header]',
  'version = 1.2',
  '[variant-AppStream]',
  'packages = ../../AppStream/os/Packages',
  'repository = ../../AppStream/os',
  'source_repository = ../../../source',
  '[variant-BaseOS]',
  'packages = Packages',
  'repository = .',
].join('\n')

const baseos = { baseurl: 'http://h/', path: '9/BaseOS/os', kickstart: 'yes' }
const appstream = { baseurl: 'http://h/a', path: '9/AppStream/os' }

describe('config check', () => {
  test('warns of a variant in another tree that is not mirrored at the place that the treeinfo names', async () => {
    await using site = await makeSite()
    publish(site, '9/BaseOS/os', treeinfo)
    expect(await warnings(site, { baseos, appstream: { ...appstream, path: '9/appstream' } })).toEqual([
      'baseos: line 5 of its published .treeinfo says that the repository of AppStream is ../../AppStream/os; ' +
        'no repository is published at 9/AppStream/os: mirror it there, or installers do not find it',
    ])
  })

  test('warns of one that would be outside of root', async () => {
    await using site = await makeSite()
    publish(site, 'baseos', treeinfo)
    expect(await warnings(site, { baseos: { ...baseos, path: 'baseos' } })).toEqual([
      expect.stringMatching(/is \.\.\/\.\.\/AppStream\/os, which is outside of root; publish baseos at a longer path$/),
    ])
  })

  test.each([
    ['where it is mirrored', { baseos, appstream }, treeinfo],
    ['where the tree is not mirrored', { baseos: { ...baseos, kickstart: 'no' } }, treeinfo],
    ['where nothing was synced yet', { baseos }, undefined],
    ['where something else is in place of the treeinfo', { baseos }, '<html>'],
  ])('is content %s', async (_, repos, text) => {
    await using site = await makeSite()
    if (text !== undefined) publish(site, '9/BaseOS/os', text)
    expect(await warnings(site, repos)).toEqual([])
  })
})

function publish(site: Site, path: string, text: string): void {
  const file = join(site.root, path, '.treeinfo')
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

/** What `mirror config check` says on stderr, without the place in the file. */
async function warnings(site: Site, repos: object): Promise<string[]> {
  await site.writeConfig({ repos })
  const { status, stderr } = await runMirror(['config', 'check', '-c', site.configFile])
  expect(status).toBe(0)
  return stderr.split('\n').flatMap((line) => /mirror\.(?:yaml|json):\d+:\d+: (.*)$/.exec(line)?.[1] ?? [])
}
