import { describe } from 'vitest'
import { refuses } from './configuration.ts'

describe('apart', () => {
  refuses(
    [
      "the id of another one's matrix",
      'root: www\nrepos:\n  a: { baseurl: http://h/, matrix: { v: [1] } }\n  a-1: { baseurl: http://h/ }\n',
      '4:3: the id `a-1` is already that of DIR/mirror.yaml:3:3; give each repository its own',
    ],
    [
      'K3: the path of another one',
      'root: www\nrepos:\n  a: { baseurl: http://h/, path: x/y }\n  b: { baseurl: http://h/, path: x//y/ }\n',
      '4:34: repos.b.path: `x/y` is the same as `x/y` of a (DIR/mirror.yaml:3:3); give each repository a folder of its own',
    ],
    [
      'K3: a path inside of another one',
      'root: www\nrepos:\n  a: { baseurl: http://h/ }\n  b: { baseurl: http://h/, path: a/b }\n',
      '4:34: repos.b.path: `a/b` lies in `a` of a (DIR/mirror.yaml:3:3); give each repository a folder of its own',
    ],
    [
      'K3: a path around another one',
      'root: www\nrepos:\n  a: { baseurl: http://h/, path: b/a }\n  b: { baseurl: http://h/ }\n',
      '4:3: repos.b.path: `b` holds `b/a` of a (DIR/mirror.yaml:3:3); give each repository a folder of its own',
    ],
    [
      'K3: a path that differs in case',
      'root: www\nrepos:\n  a: { baseurl: http://h/ }\n  b: { baseurl: http://h/, path: A }\n',
      '4:34: repos.b.path: `A` differs only in case from `a` of a (DIR/mirror.yaml:3:3); give each repository a folder of its own',
    ],
  )
})
