import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { judge } from '../helpers/judges.ts'
import { images, makeKickstart } from '../helpers/kickstart.ts'
import { makeRepository } from '../helpers/repository.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'
import { publish } from './published.ts'

/** What installers went by before productmd, and libosinfo does now. */
const general = ['[general]', 'family = CentOS Stream', 'version = 9', 'arch = x86_64']

test.skipIf(!judge('osinfo-detect'))('libosinfo finds an installer in a mirrored kickstart tree', async () => {
  await using upstream = await makeTemporaryFolder()
  await makeRepository(upstream.path, [{ name: 'alpha' }])
  await makeKickstart(upstream.path, images, { lines: general })
  await using published = await publish({ os: { baseurl: upstream.path, kickstart: 'yes' } })
  const { stdout } = await promisify(execFile)('osinfo-detect', ['--type=tree', published.url('os')])
  expect(stdout).toContain("Tree is an installer for OS 'CentOS Stream 9 (x86_64)'")
})
