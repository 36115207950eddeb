import { describe, test } from 'vitest'
import { judge } from '../../helpers/judges.ts'
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
})
