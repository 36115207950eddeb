import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkTree } from '../helpers/checker.ts'
import { makeSite, runMirror, spawnMirror } from '../helpers/mirror.ts'
import { makeRepository } from '../helpers/repository.ts'

test('what is exported beside a daemon is imported by another one, and served at once', async () => {
  await using near = await makeSite()
  await using far = await makeSite()
  await makeRepository(near.path('upstream'), [{ name: 'almanac' }])
  const listen = '127.0.0.1:0'
  const upstream = { baseurl: `file://${near.path('upstream')}/`, path: 'el9/base', schedule: '@daily' }
  await near.writeConfig({ listen, repos: { base: upstream } })
  await far.writeConfig({ listen, repos: { base: { archive: 'yes', path: 'el9/base' } } })
  const file = near.path('one.tar')
  await using source = spawnMirror(['daemon', '-c', near.configFile])
  await source.says(/sync ended: generation 1/)
  const exported = await runMirror(['export', '-c', near.configFile, '-o', file])
  expect(exported).toMatchObject({ status: 0, stderr: '' })
  expect(exported.stdout).toMatch(
    /^base: generation 1, 1 packages\n\S+one\.tar: 5 files, [\d.]+ kB; manifest sha256 [0-9a-f]{64}\n$/,
  )

  await using daemon = spawnMirror(['daemon', '-c', far.configFile])
  const [, url = ''] = await daemon.says(/at (http:\S+)/)
  const imported = await runMirror(['import', '-c', far.configFile, file])
  expect(imported).toMatchObject({ status: 0 })
  expect(imported.stdout).toMatch(
    /^repository +packages +added +removed +result\nbase +1 +1 +0 +generation 1\nchecked 5 files, [\d.]+ kB; manifest sha256 [0-9a-f]{64}, not signed\n$/,
  )
  expect((await checkTree(`${url.replace(/\/?$/, '/')}el9/base/`)).problems).toEqual([])
  const status = await runMirror(['status', '-c', far.configFile])
  expect(status.stdout).toMatch(/^base +1 .* archive: none +generation 1|published$/m)
  const missing = await runMirror(['import', '-c', far.configFile, join(near.dir, 'none.tar')])
  expect(missing).toMatchObject({ status: 2, stdout: '' })
  expect(missing.stderr).toMatch(/E_USAGE.*: Cannot import \S+none\.tar: there is no file/)
  const sync = await runMirror(['sync', '-c', far.configFile])
  expect(sync.stderr).toMatch(/E_USAGE: base: what comes in archives has no upstream to sync from; mirror import FILE/)
})
