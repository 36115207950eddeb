import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isAbandoned } from '../../src/sync/abandoned.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'

test('a file is abandoned when no process beside this one has it open any more', async () => {
  await using folder = await makeTemporaryFolder()
  const path = join(folder.path, 'file.part')
  const [first, second] = [openSync(path, 'w'), openSync(path, 'r')]
  expect(isAbandoned(path)).toBe(false)
  closeSync(first)
  expect(isAbandoned(path)).toBe(false)
  closeSync(second)
  expect(isAbandoned(path)).toBe(true)
})

test('a file that is gone is not abandoned: somebody has finished it', async () => {
  await using folder = await makeTemporaryFolder()
  expect(isAbandoned(join(folder.path, 'file.part'))).toBe(false)
})
