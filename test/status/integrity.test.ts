import { expect, test } from 'vitest'
import { writeDamage } from '../../src/lifecycle/verify/scrub.ts'
import { check } from '../../src/status/check.ts'
import { statusPage } from '../../src/status/page/page.ts'
import { report } from '../../src/status/report.ts'
import { usageOf } from '../../src/status/usage.ts'
import { path, publishStaged } from '../publish/publishing.ts'
import { addContent, openNewState } from '../store/opened.ts'

test('what is left damaged is critical, and stands first on the page', async () => {
  await using opened = await openNewState()
  const { state } = opened
  const of = () => report({ root: state.root, repos: [] }, state.database, undefined, Date.now())
  expect([check(of()).ok, of().integrity]).toMatchObject([true, { damage: [], held: [] }])
  writeDamage(state.database, ['rot: /srv/x.rpm: sha256 expected a, found b'])
  expect(check(of())).toEqual({
    ok: false,
    text: 'MIRROR CRITICAL - 1 files damaged, deletions of 0 trees held\ndamaged: rot: /srv/x.rpm: sha256 expected a, found b\n',
  })
  expect(statusPage(of(), { base: 'http://h/' })).toContain('rot: /srv/x.rpm')
  writeDamage(state.database, [])
  expect(check(of()).ok).toBe(true)
})

test('a content is counted once on the disk, and in each tree by each of its names', async () => {
  await using opened = await openNewState()
  const { state } = opened
  for (const text of ['shared', 'own', 'nobody has this']) addContent(state, text)
  await publishStaged(state, { 'Packages/a.rpm': 'shared', 'Packages/b.rpm': 'own' }, 'r')
  await publishStaged(state, { 'Packages/a.rpm': 'shared', 'Packages/c.rpm': 'shared' }, 'rr', 'el8')
  expect(usageOf(state.database)).toEqual({
    trees: [
      { path: 'el8', names: 3, logical: 14, own: 2 },
      { path, names: 3, logical: 10, own: 4 },
    ],
    contents: 5,
    physical: 6 + 3 + 15 + 1 + 2,
    unnamed: 15,
  })
})
