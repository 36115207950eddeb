import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { compareMetadata, unaccepted } from '../../helpers/compareMetadata.ts'
import { judge } from '../../helpers/judges.ts'
import { createrepoCVersion, runCreaterepoC } from '../../helpers/metadata/createrepo.ts'
import { runMirror } from '../../helpers/mirror.ts'
import { writeRpm } from '../../helpers/rpmfile.ts'
import { makeTemporaryFolder } from '../../helpers/temporary.ts'
import { upstream as demo } from '../demo.ts'
import { changelogTraps } from './changelogTraps.ts'
import { dependencyTraps } from './dependencyTraps.ts'
import { fileTraps } from './fileTraps.ts'
import { identityTraps } from './identityTraps.ts'
import { repomdTraps } from './repomdTraps.ts'
import { expectNoDifference } from './sideBySide.ts'
import { textTraps } from './textTraps.ts'
import { walkTraps } from './walkTraps.ts'

describe.skipIf(!judge('createrepo_c'))('metadata means what createrepo_c’s does', () => {
  describe.each([
    ['what a package is', identityTraps],
    ['dependencies', dependencyTraps],
    ['files', fileTraps],
    ['changelogs', changelogTraps],
    ['texts', textTraps],
    ['the walk and locations', walkTraps],
    ['repomd.xml', repomdTraps],
  ])('%s', (_, traps) => {
    test.for(Object.entries(traps))('%s', async ([, trap], { skip }) => {
      await expectNoDifference(trap, skip)
    })
  })
  test('of the demo’s packages, built by rpmbuild', async ({ skip }) => {
    const paths = globSync('**/*.rpm', { cwd: join(demo, 'Packages') })
    expect(paths.length).toBeGreaterThan(10)
    const packages = paths.map((path) => [path, readFileSync(join(demo, 'Packages', path))] as const)
    await expectNoDifference({ packages: Object.fromEntries(packages), args: ['--database'] }, skip)
  })

  test('of the directory itself, where no other is given', async () => {
    await using ours = await makeTemporaryFolder()
    await using theirs = await makeTemporaryFolder()
    for (const { path } of [ours, theirs]) {
      await writeRpm(path, 'sub/a.rpm', { name: 'a' })
      await writeRpm(path, 'b.rpm', { name: 'b' })
    }
    const args = ['--general-compress-type=gz', '--no-database', '--revision=1']
    for (const more of [[], ['--update'], []]) {
      const { status, stderr } = await runMirror(['createrepo', ...args, ...more, '.'], { cwd: ours.path })
      expect(status, stderr).toBe(0)
      runCreaterepoC([...args, ...more, '.'], theirs.path)
      expect(unaccepted(compareMetadata(ours.path, theirs.path), createrepoCVersion())).toEqual([])
    }
  })
})
