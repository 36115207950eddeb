import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { makeRepository, removeFiles } from './helpers/repository.ts'
import { makeTemporaryFolder } from './helpers/temporary.ts'

const run = promisify(execFile)

test('the checker is a program of its own, and says by its status whether all trees are whole', async () => {
  await using folder = await makeTemporaryFolder()
  const [good, bad] = ['good', 'bad'].map((name) => join(folder.path, name)) as [string, string]
  for (const dir of [good, bad]) await makeRepository(dir, [{ name: 'alpha' }])
  const checker = join(import.meta.dirname, 'checker.ts')
  expect((await run(process.execPath, [checker, good])).stdout).toBe(`${good}: whole, 1 packages\n`)
  await removeFiles(bad, ['Packages/a/alpha-1.0-1.x86_64.rpm'])
  await expect(run(process.execPath, [checker, good, bad])).rejects.toMatchObject({
    code: 1,
    stdout: expect.stringMatching(`${bad}: Packages/a/alpha-1.0-1.x86_64.rpm: `),
  })
  await expect(run(process.execPath, [checker])).rejects.toMatchObject({ code: 2 })
})
