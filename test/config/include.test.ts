import { describe } from 'vitest'
import { refuses } from './configuration.ts'

describe('include', () => {
  refuses(
    ['neither repos nor include', 'root: www\n', '1:1: nothing to mirror; write repos: or include:'],
    [
      'an include that is no list',
      'root: www\ninclude: { files: x }\n',
      '2:10: include: expected a list, found keys and values; write [one, two]',
    ],
    [
      'an include without files',
      'root: www\ninclude: [{ vars: {} }]\n',
      '2:11: include[0]: files is missing; write files: [/etc/yum.repos.d/*.repo]',
    ],
    [
      'an included file that is missing',
      'root: www\ninclude: [{ files: [none.repo] }]\n',
      '2:21: include[0].files[0]: `DIR/none.repo` cannot be read: no such file or directory; name a readable file',
    ],
  )
})
