import { expect, test } from 'vitest'
import { makeInstallation } from '../daemon/running.ts'
import { checkTree } from '../helpers/checker.ts'
import { flipBit } from '../lifecycle/verify/verifying.ts'

test('mirror verify reads beside a daemon, which is asked to repair what was found', async () => {
  await using installed = await makeInstallation({ one: [{ name: 'alpha' }, { name: 'beta' }] })
  await installed.mirror('sync')
  await using _ = await installed.start()
  const tree = installed.site.path('root/one')
  flipBit(`${tree}/Packages/a/alpha-1.0-1.x86_64.rpm`, 99)
  const found = await installed.mirror('verify')
  expect([found.status, found.stderr]).toEqual([1, ''])
  const repaired = await installed.mirror('verify', '--repair')
  expect([repaired.status, repaired.stderr]).toEqual([0, expect.stringMatching(/^the running daemon does it\n/)])
  expect((await checkTree(tree)).problems).toEqual([])
  expect((await installed.mirror('jobs')).stdout).toMatch(/ repair +- .* done\n/)
})
