import { describe } from 'vitest'
import { refuses } from './configuration.ts'

describe('resolve', () => {
  refuses(
    [
      'an id with a slash',
      'root: www\nrepos: { a/b: { baseurl: http://h/ } }\n',
      '2:10: repos.a/b: `a/b` cannot be an id; use letters, digits, - _ . and :, and begin with a letter or digit',
    ],
    [
      'an id that begins with a dot',
      'root: www\nrepos: { .a: { baseurl: http://h/ } }\n',
      '2:10: repos..a: `.a` cannot be an id; use letters, digits, - _ . and :, and begin with a letter or digit',
    ],
  )
})
