import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sweep } from '../../src/lifecycle/sweep.ts'
import { sha256Of } from '../store/opened.ts'
import { startSyncing } from './syncing.ts'

const href = 'Packages/a/alpha-1.0-1.x86_64.rpm'
const built = { name: 'alpha', body: Buffer.from('as it was built') }
const signed = { name: 'alpha', body: Buffer.from('as it was signed again') }

/** Where a content stands whose own name is taken. */
const besides = (body: Buffer) => `Packages/a/${sha256Of(body).slice(0, 16)}/alpha-1.0-1.x86_64.rpm`

describe('a package that is signed anew under its old name', () => {
  test('gets a path of its own, and the old path keeps its content', async () => {
    await using syncing = await startSyncing([built])
    await syncing.run()
    await syncing.offer([signed])
    expect(await syncing.run()).toMatchObject({ result: 'published', packages: 1, added: 1, removed: 1 })
    expect(await syncing.check()).toEqual({ problems: [], hrefs: [besides(signed.body)] })
    expect(readFileSync(join(syncing.tree, href))).toEqual(built.body)
  })

  test('keeps that path as long as the generation with the old one is retained', async () => {
    await using syncing = await startSyncing([built])
    await syncing.run()
    await syncing.offer([signed])
    await syncing.run()
    await syncing.offer([signed, { name: 'beta' }])
    expect(await syncing.run()).toMatchObject({ added: 1, removed: 0 })
    expect((await syncing.check()).hrefs).toContain(besides(signed.body))
  })

  test('may have the name when no retained generation needs it any more', async () => {
    await using syncing = await startSyncing([built])
    await syncing.run()
    await syncing.offer([signed])
    await syncing.run()
    sweep(syncing.state, new Map([['base', 0]]))
    expect(existsSync(join(syncing.tree, href))).toBe(false)
    await syncing.offer([signed, { name: 'beta' }])
    await syncing.run()
    expect((await syncing.check()).hrefs).toContain(href)
    expect(readFileSync(join(syncing.tree, href))).toEqual(signed.body)
    expect(readFileSync(join(syncing.tree, besides(signed.body)))).toEqual(signed.body)
  })

  test('and goes back to what it was has its old path again', async () => {
    await using syncing = await startSyncing([built])
    await syncing.run()
    await syncing.offer([signed])
    await syncing.run()
    const before = statSync(join(syncing.tree, href)).ino
    await syncing.offer([built])
    await syncing.run()
    expect(await syncing.check()).toEqual({ problems: [], hrefs: [href] })
    expect(statSync(join(syncing.tree, href)).ino).toBe(before)
  })
})

test('two packages of one name in different folders upstream both have a path', async () => {
  await using syncing = await startSyncing([
    { ...built, href: 'one/alpha-1.0-1.x86_64.rpm' },
    { ...signed, href: 'two/alpha-1.0-1.x86_64.rpm' },
  ])
  expect(await syncing.run()).toMatchObject({ packages: 2, added: 2 })
  expect(await syncing.check()).toEqual({ problems: [], hrefs: [besides(signed.body), href].sort() })
  expect(syncing.notices).toEqual(['warn: the upstream lists alpha-1.0-1.x86_64 more than once; all are kept'])
})

test('one content under two names is fetched once and is two links to one file', async () => {
  const body = Buffer.from('the same')
  await using syncing = await startSyncing([
    { name: 'alpha', body },
    { name: 'beta', body },
  ])
  await syncing.run()
  const { hrefs } = await syncing.check()
  expect(new Set(hrefs.map((name) => statSync(join(syncing.tree, name)).ino)).size).toBe(1)
  expect(syncing.upstream.requests.filter(({ path }) => path.endsWith('.rpm'))).toHaveLength(1)
})

test('a name that is encoded in the metadata is plain on disk', async () => {
  await using syncing = await startSyncing([{ name: 'c', href: 'Packages/c/c%2B%2B-1.0-1.x86_64.rpm' }])
  syncing.upstream.rules.push({
    path: /c%2B%2B/,
    fault: { kind: 'replace', body: readFileSync(join(syncing.dir, 'Packages/c/c%2B%2B-1.0-1.x86_64.rpm')) },
  })
  await syncing.run()
  expect(existsSync(join(syncing.tree, 'Packages/c/c++-1.0-1.x86_64.rpm'))).toBe(true)
})
