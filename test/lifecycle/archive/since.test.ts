import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkTree } from '../../helpers/checker.ts'
import { type Pair, startPair } from './pair.ts'

/** A growing repository: a stays as it is, b changes each time, and each time another c comes. */
function packages(version: number) {
  const more = Array.from({ length: version }, (_, i) => ({ name: `c${i + 1}` }))
  return [{ name: 'a' }, { name: 'b', version: String(version) }, ...more]
}

/** Three generations, each in an archive that follows the one before. */
async function exportChain(pair: Pair): Promise<void> {
  await pair.sync(packages(1))
  await pair.export('1.tar')
  await pair.sync(packages(2))
  await pair.export('2.tar', { since: pair.file('1.tar') })
  await pair.sync(packages(3))
  await pair.export('3.tar', { since: pair.file('2.tar') })
}

async function problems(pair: Pair): Promise<string[]> {
  return (await checkTree(join(pair.far.root, 'el9/base'))).problems
}

describe('archives that follow one another', () => {
  test('hold what is new, and are imported in their order', async () => {
    await using pair = await startPair()
    await exportChain(pair)
    for (const n of [1, 2, 3]) {
      expect(await pair.import(`${n}.tar`)).toEqual([`base published ${n}`])
      expect(await problems(pair)).toEqual([])
    }
    const { packages: shown } = await checkTree(join(pair.far.root, 'el9/base'))
    expect(shown.map(({ href }) => href.slice(11)).sort()).toEqual(
      ['a-1.0', 'b-3', 'c1-1.0', 'c2-1.0', 'c3-1.0'].map((name) => `${name}-1.x86_64.rpm`),
    )
  })

  test('hold no more than two packages, repomd.xml and three documents each', async () => {
    await using pair = await startPair()
    await pair.sync(packages(1))
    await pair.export('1.tar')
    await pair.sync(packages(2))
    const { manifest } = await pair.export('2.tar', { since: pair.file('1.tar') })
    expect(manifest.contents).toHaveLength(6)
    expect(manifest.repos[0]?.base).toMatchObject({ number: 1 })
    const same = await pair.export('3.tar', { since: pair.file('2.tar') })
    expect(same.manifest.contents).toEqual([])
  })

  test('are refused where the one before is missing, which is named', async () => {
    await using pair = await startPair()
    await exportChain(pair)
    const [line] = await pair.import('3.tar')
    expect(line).toMatch(
      /^E_BASE: Cannot import .*3\.tar: it follows generation 2 \(repomd\.xml [0-9a-f]{16}\.\.\.\) of el9\/base, and 3 of its 9 files are not here; import the archive "2\.tar" of 20\S+Z first; nothing was published$/,
    )
    expect(pair.shown()).toEqual([])
    await pair.import('1.tar')
    const before = pair.shown()
    expect((await pair.import('3.tar'))[0]).toMatch(
      /^E_BASE: .* and 1 of its 9 files are not here; .*nothing was published$/,
    )
    expect(pair.shown()).toEqual(before)
    expect(await problems(pair)).toEqual([])
    await pair.import('2.tar')
    expect(await pair.import('3.tar')).toEqual(['base published 3'])
  })

  test('can be left out where they had nothing that is still needed', async () => {
    await using pair = await startPair()
    await pair.sync([{ name: 'a' }, { name: 'b' }])
    await pair.export('1.tar')
    await pair.sync([{ name: 'a' }, { name: 'gone' }])
    await pair.export('2.tar', { since: pair.file('1.tar') })
    await pair.sync([{ name: 'a' }, { name: 'new' }])
    await pair.export('3.tar', { since: pair.file('2.tar') })
    await pair.import('1.tar')
    expect(await pair.import('3.tar')).toEqual(['base published 2'])
    expect(await problems(pair)).toEqual([])
  })

  test('that come late take nothing back', async () => {
    await using pair = await startPair()
    await exportChain(pair)
    for (const n of [1, 2, 3]) await pair.import(`${n}.tar`)
    const before = pair.shown()
    expect(await pair.import('2.tar')).toEqual([
      'base unchanged 3',
      'generation 3 of el9/base was imported already, this archive has 2; it stays',
    ])
    expect(pair.shown()).toEqual(before)
  })

  test('follow a retained generation by its number, too', async () => {
    await using pair = await startPair()
    await pair.sync(packages(1))
    await pair.export('1.tar')
    await pair.sync(packages(2))
    const { manifest } = await pair.export('2.tar', { since: '1' })
    expect(manifest.contents).toHaveLength(6)
    await expect(pair.export('3.tar', { since: '7' })).rejects.toMatchObject({
      line: 'E_USAGE base: --since 7: that generation is not retained (1, 2); name the archive that it was exported to',
    })
    const [line] = await pair.import('2.tar')
    expect(line).toMatch(/^E_BASE: .*; import the archive of that first; nothing was published$/)
    await pair.import('1.tar')
    expect(await pair.import('2.tar')).toEqual(['base published 2'])
    expect(await problems(pair)).toEqual([])
  })

  test('are whole for a repository that the one before did not have', async () => {
    await using pair = await startPair(['base', 'extra'])
    await pair.sync(packages(1), 'base')
    await pair.export('1.tar', { ids: ['base'] })
    await pair.sync(packages(2), 'extra')
    await pair.export('2.tar', { since: pair.file('1.tar') })
    await pair.import('1.tar')
    expect(await pair.import('2.tar')).toEqual(['base unchanged 1', 'extra published 1'])
  })
})
