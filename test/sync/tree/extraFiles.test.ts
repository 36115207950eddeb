import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { linkedNames } from '../../../src/sync/tree/listing.ts'
import { type Syncing, startSyncing } from '../syncing.ts'
import { askedFor, startWithTree, treeOf, whole } from './mirroring.ts'

const keys = { 'RPM-GPG-KEY-one': 'key one', 'RPM-GPG-KEY-two': 'key two', EULA: 'terms', 'EFI/BOOT/grub.cfg': 'menu' }

/** nginx's page of a folder. */
const nginx = (...names: string[]) =>
  `<html><body><h1>Index of /</h1><pre><a href="../">../</a>\n${names.map((name) => `<a href="${name}">${name}</a>  1\n`).join('')}</pre></body></html>`

describe('extra files', () => {
  test('are mirrored by their names, and asked for again on a condition when the repository changes', async () => {
    await using syncing = await startWithFiles(keys)
    const settings = { extra_files: ['EULA', 'EFI/BOOT/grub.cfg'] }
    await syncing.run(settings)
    expect(treeOf(syncing.tree)).toEqual({ EULA: 'terms', 'EFI/BOOT/grub.cfg': 'menu' })
    expect(await syncing.run(settings)).toBeUndefined()
    await syncing.offer([{ name: 'beta' }], { clean: false })
    askedFor(syncing)
    await syncing.run(settings)
    expect(askedFor(syncing).sort()).toEqual(['EFI/BOOT/grub.cfg 304', 'EULA 304', 'repodata/repomd.xml 200'])
  })

  test('are found by a glob in the page of their folder', async () => {
    await using syncing = await startWithFiles(keys)
    const page = nginx('EFI/', 'EULA', 'RPM-GPG-KEY-one', 'RPM-GPG-KEY-two', 'repodata/')
    syncing.upstream.rules.push({ path: '/', fault: { kind: 'replace', body: page } })
    await syncing.run({ extra_files: ['RPM-GPG-KEY-*'] })
    expect(Object.keys(treeOf(syncing.tree))).toEqual(['RPM-GPG-KEY-one', 'RPM-GPG-KEY-two'])
  })

  test('are found by a glob in extra_files.json, whose checksums and sizes count', async () => {
    await using syncing = await startWithFiles({
      ...keys,
      'extra_files.json': listing({ 'RPM-GPG-KEY-one': 'key one' }),
    })
    await syncing.run({ extra_files: 'RPM-GPG-KEY-*' })
    expect(treeOf(syncing.tree)).toEqual({ 'RPM-GPG-KEY-one': 'key one' })
    writeFileSync(join(syncing.dir, 'RPM-GPG-KEY-two'), 'forged!')
    writeFileSync(join(syncing.dir, 'extra_files.json'), listing({ 'RPM-GPG-KEY-two': 'key two' }))
    await syncing.offer([{ name: 'beta' }], { clean: false })
    await expect(syncing.run({ extra_files: 'RPM-GPG-KEY-*' })).rejects.toMatchObject({
      code: 'E_CHECKSUM',
      message: expect.stringContaining('RPM-GPG-KEY-two (extra_files.json, entry 1)'),
    })
  })

  test('are found by a glob in a folder on disk', async () => {
    await using syncing = await startWithFiles(keys)
    await syncing.run({ baseurl: syncing.dir, extra_files: ['RPM-GPG-KEY-*', 'EFI/BOOT/*', 'isolinux/*'] })
    expect(Object.keys(treeOf(syncing.tree))).toEqual(['EFI/BOOT/grub.cfg', 'RPM-GPG-KEY-one', 'RPM-GPG-KEY-two'])
    expect(syncing.notices).toEqual(['warn: extra_files: the upstream has nothing that matches isolinux/*'])
  })

  test('that are not there end the run', async () => {
    await using syncing = await startWithFiles(keys)
    await expect(syncing.run({ extra_files: ['LICENSE'] })).rejects.toMatchObject({
      code: 'E_HTTP',
      message: expect.stringMatching(/^Cannot fetch LICENSE \(extra_files\) from .*404/),
    })
  })

  test('that a glob asks for where no folder is listed end the run, which says what to write', async () => {
    await using syncing = await startWithFiles(keys)
    syncing.upstream.rules.push({ path: '/', fault: { kind: 'status', status: 403 } })
    await expect(syncing.run({ extra_files: ['RPM-GPG-KEY-*'] })).rejects.toMatchObject({
      code: 'E_HTTP',
      message: expect.stringMatching(
        /extra_files has a glob, and the upstream lists no files: .*403.*; write their names$/,
      ),
    })
  })
})

describe('the extra_files.json of a kickstart tree', () => {
  test('is mirrored with the files that it names', async () => {
    const extra = { EULA: 'terms', 'EFI/BOOT/grub.cfg': 'menu' }
    await using syncing = await startWithTree({ ...extra, 'extra_files.json': listing(extra) })
    await syncing.run(whole)
    expect(treeOf(syncing.tree)).toEqual(treeOf(syncing.dir))
    expect(Object.keys(treeOf(syncing.tree))).toEqual(['.treeinfo', 'EFI/BOOT/grub.cfg', 'EULA', 'extra_files.json'])
  })

  test('that names a file outside is refused with its entry', async () => {
    const listed = JSON.stringify({ data: [{ file: 'images/../../x', size: 1, checksums: {} }] })
    await using syncing = await startWithTree({ 'extra_files.json': listed })
    const message = expect.stringContaining('extra_files.json, entry 1: "images/../../x" is refused')
    await expect(syncing.run(whole)).rejects.toMatchObject({ code: 'E_PATH', message })
  })

  test('contradicting the treeinfo is refused with both places', async () => {
    const files = { 'images/boot.iso': 'boot', 'extra_files.json': listing({ 'images/boot.iso': 'another' }) }
    await using syncing = await startWithTree(files)
    const message = expect.stringContaining(
      'extra_files.json, entry 1: images/boot.iso is not what .treeinfo, line 2 says of it',
    )
    await expect(syncing.run(whole)).rejects.toMatchObject({ code: 'E_TREEINFO', message })
  })
})

describe('the page of a folder', () => {
  const names = (html: string) => [...linkedNames(html, new URL('http://h/os/'))]

  test.each([
    ['in any quotes, with entities and escapes', `<A class=x HREF='a&amp;b'>x</A><a href="c%20d">`, ['a&b', 'c d']],
    ['as whole paths and URLs', '<a href="/os/a"><a href="http://h/os/b"><a href="./c">', ['a', 'b', 'c']],
  ])('is read for links %s', (_, html, expected) => {
    expect(names(html)).toEqual(expected)
  })

  test.each([
    ['parents and folders', '<a href="../"><a href="/"><a href="EFI/"><a href="/os/">'],
    ['orders of the page', '<a href="?C=N;O=D"><a href="a?x">'],
    ['other places', '<a href="http://other/os/a"><a href="//other/os/a"><a href="../a"><a href="/os/EFI/a">'],
    ['what is no URL', '<a href="http://[x"><a href="%ff"><a href="">'],
    ['escaped slashes', '<a href="..%2f..%2fa">'],
  ])('has none of %s', (_, html) => {
    expect(names(html)).toEqual([])
  })

  test('is read in time, whatever it is made of', () => {
    const began = performance.now()
    for (const piece of ['<a ', '<a href="', '<a href=" ', '<a x href ']) names(piece.repeat(4_000_000 / piece.length))
    expect(performance.now() - began).toBeLessThan(20_000)
  })
})

async function startWithFiles(files: Record<string, string>): Promise<Syncing> {
  const syncing = await startSyncing([{ name: 'alpha' }])
  mkdirSync(join(syncing.dir, 'EFI/BOOT'), { recursive: true })
  for (const [path, text] of Object.entries(files)) writeFileSync(join(syncing.dir, path), text)
  return syncing
}

/** An extra_files.json as productmd writes it for a tree. */
function listing(files: Record<string, string>): string {
  const data = Object.entries(files).map(([file, text]) => {
    const checksums = { md5: hash('md5', text), sha1: hash('sha1', text), sha256: hash('sha256', text) }
    return { checksums, file, size: text.length }
  })
  return JSON.stringify({ data, header: { version: '1.0' } })
}

function hash(algorithm: string, text: string): string {
  return createHash(algorithm).update(text).digest('hex')
}
