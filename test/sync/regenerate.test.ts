import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseRepomd } from '../../src/repodata/repomd.ts'
import { decompress } from '../helpers/checker/digest.ts'
import { judge } from '../helpers/judges.ts'
import type { Compression, RepositoryOptions } from '../helpers/repository.ts'
import { type Syncing, startSyncing } from './syncing.ts'

const packages = [
  { name: 'alpha' },
  { name: 'alpha', version: '2.0' },
  { name: 'größe', arch: 'noarch' },
  { name: 'zeta', arch: 'aarch64' },
  { name: 'beta', requires: ['alpha'], files: ['/usr/share/beta/', '/etc/beta.conf'] },
]
const documents = ['primary', 'filelists', 'other'] as const
/** Every package of the list. */
const everything = { arch: ['x86_64', 'aarch64'] }

describe('documents of which everything is wanted', () => {
  test.each<Compression>(['gz', 'zst', 'none'])('are upstream’s own files: %s', async (compression) => {
    await using syncing = await startSyncing(packages, { compression })
    await syncing.run(everything)
    expect(await syncing.check()).toMatchObject({ problems: [], hrefs: { length: 5 } })
    for (const name of documents)
      expect(published(syncing, name).bytes.equals(upstreams(syncing, name).bytes)).toBe(true)
  })

  test.each<[string, RepositoryOptions]>([
    ['out of order', { order: 'shuffled' }],
    ['in a form that dnf reads as empty', { style: 'prefixed' }],
  ])('are written anew where upstream’s are %s', async (_, options) => {
    await using syncing = await startSyncing(packages, options)
    await syncing.run(everything)
    expect(await syncing.check()).toMatchObject({ problems: [], hrefs: { length: 5 } })
    expect(namesIn(published(syncing, 'filelists').text)).toEqual(namesIn(published(syncing, 'primary').text))
    expect(published(syncing, 'filelists').bytes.equals(upstreams(syncing, 'filelists').bytes)).toBe(false)
  })
})

describe('documents of which some is wanted', () => {
  test.each<RepositoryOptions['order']>(['same', 'reversed', 'shuffled'])(
    'hold upstream’s own record bytes, in one order in all three, where upstream’s order is %s',
    async (order) => {
      await using syncing = await startSyncing(packages, { order: order! })
      await syncing.run({ newest_only: true })
      expect(await syncing.check()).toMatchObject({ problems: [], hrefs: { length: 3 } })
      for (const name of documents) {
        const { text } = published(syncing, name)
        expect(namesIn(text)).toEqual(['alpha', 'größe', 'beta'])
        expect(text).toContain(' packages="3">')
        const original = upstreams(syncing, name).text
        for (const record of recordsIn(text)) expect(original).toContain(record)
      }
    },
  )

  test.each(['commented', 'singleQuoted', 'prefixed'] as const)(
    'may be written in other ways upstream: %s',
    async (style) => {
      await using syncing = await startSyncing(packages, { style })
      await syncing.run({ newest_only: true })
      expect(await syncing.check()).toMatchObject({ problems: [], hrefs: { length: 3 } })
    },
  )

  test('may be none at all', async () => {
    await using syncing = await startSyncing(packages)
    await syncing.run({ includepkgs: 'absent' })
    expect(await syncing.check()).toEqual({ problems: [], hrefs: [] })
  })
})

describe('the format', () => {
  test.each<[Compression, string | undefined, string]>([
    ['gz', undefined, '.gz'],
    ['zst', undefined, '.zst'],
    ['none', undefined, '.xml'],
    ['zst', 'gz', '.gz'],
    ['gz', 'zstd', '.zst'],
    ['gz', 'none', '.xml'],
  ])('of an upstream in %s with compression: %s ends in %s', async (compression, setting, suffix) => {
    await using syncing = await startSyncing(packages, { compression })
    await syncing.run(setting === undefined ? { newest_only: true } : { compression: setting })
    expect((await syncing.check()).problems).toEqual([])
    for (const name of documents) expect(published(syncing, name).href.endsWith(suffix)).toBe(true)
  })

  test.skipIf(!judge('xz', 'bzip2')).each<Compression>(['xz', 'bz2'])(
    'of an upstream in %s is one that whoever reads it reads too',
    async (compression) => {
      await using syncing = await startSyncing(packages, { compression })
      await syncing.run()
      expect((await syncing.check()).problems).toEqual([])
      for (const name of documents) expect(published(syncing, name).href.endsWith('.gz')).toBe(true)
    },
  )

  test('may be one in primary and others in the rest upstream', async () => {
    await using syncing = await startSyncing(packages, {
      compression: { primary: 'zst', filelists: 'gz', other: 'none' },
    })
    await syncing.run(everything)
    expect((await syncing.check()).problems).toEqual([])
    for (const name of documents) expect(published(syncing, name).href.endsWith('.zst')).toBe(true)
  })
})

describe('locations', () => {
  const hrefs = ['alpha-1.0-1.x86_64.rpm', 'x/beta.rpm', 'Packages/g/gamma.rpm']
  const scattered = hrefs.map((href, i) => ({ name: `package${i}`, href }))

  test('are rewritten where packages move, and nothing else is', async () => {
    await using syncing = await startSyncing(scattered)
    await syncing.run()
    expect(await syncing.check()).toEqual({
      problems: [],
      hrefs: ['Packages/a/alpha-1.0-1.x86_64.rpm', 'Packages/b/beta.rpm', 'Packages/g/gamma.rpm'],
    })
    const without = (text: string) => text.replaceAll(/<location [^>]*>/g, '').trimEnd()
    expect(without(published(syncing, 'primary').text)).toBe(without(upstreams(syncing, 'primary').text))
  })

  test('stay as they are with layout: upstream', async () => {
    await using syncing = await startSyncing(scattered)
    await syncing.run({ layout: 'upstream' })
    expect(await syncing.check()).toEqual({ problems: [], hrefs: hrefs.toSorted() })
  })

  test('lose their xml:base, since they are relative to us now', async () => {
    await using syncing = await startSyncing([{ name: 'alpha', xmlBase: 'media/1', href: 'Packages/a/alpha.rpm' }])
    await syncing.run()
    expect(await syncing.check()).toEqual({ problems: [], hrefs: ['Packages/a/alpha.rpm'] })
    expect(published(syncing, 'primary').text).not.toContain('xml:base')
  })
})

describe('a document that upstream has not got', () => {
  test('is made up, with a warning', async () => {
    await using syncing = await startSyncing(packages, { omit: ['filelists', 'other'] })
    await syncing.run()
    expect((await syncing.check()).problems).toEqual([])
    expect(namesIn(published(syncing, 'other').text)).toEqual(['alpha', 'alpha', 'größe', 'beta'])
    expect(syncing.notices).toEqual([
      'warn: the upstream has no filelists; one without its contents is published',
      'warn: the upstream has no other; one without its contents is published',
    ])
  })

  test('is an error where it is there in part', async () => {
    await using syncing = await startSyncing(packages, { omitFromFilelists: ['beta'] })
    const message = expect.stringContaining('no record of beta-1.0-1.x86_64, which primary lists')
    await expect(syncing.run()).rejects.toMatchObject({ code: 'E_MISMATCH', message })
    expect(readdirSync(syncing.site.root)).toEqual(['.mirror'])
  })
})

test('the same input gives the same bytes', async () => {
  const once = async () => {
    await using syncing = await startSyncing(packages, { order: 'shuffled' })
    await syncing.run({ newest_only: true, compression: 'zstd' })
    return createHash('sha256')
      .update(readFileSync(join(syncing.tree, 'repodata/repomd.xml')))
      .digest('hex')
  }
  expect(await once()).toBe(await once())
})

type Document = { href: string; bytes: Buffer; text: string }

function published({ tree }: Syncing, name: string): Document {
  return documentIn(tree, name)
}

function upstreams({ dir }: Syncing, name: string): Document {
  return documentIn(dir, name)
}

function documentIn(folder: string, name: string): Document {
  const { records } = parseRepomd(readFileSync(join(folder, 'repodata/repomd.xml')))
  const { href } = records.find(({ type }) => type === name)!
  const bytes = readFileSync(join(folder, href))
  return { href, bytes, text: decompress(bytes).toString() }
}

function recordsIn(text: string): string[] {
  return text.match(/^<package [\s\S]*?^<\/package>/gm) ?? []
}

function namesIn(text: string): string[] {
  return recordsIn(text).map((record) => /<name>([^<]+)|name="([^"]+)"/.exec(record)?.slice(1).find(Boolean) ?? record)
}
