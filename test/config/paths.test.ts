import { describe } from 'vitest'
import { refuses, repo } from './configuration.ts'

describe('paths', () => {
  refuses(
    [
      'a path that leads out',
      repo('path: ../x'),
      '5:11: repos.a.path: `../x` has a part that begins with a dot; write a path below root, such as centos/9',
    ],
    [
      'a path with dots inside',
      repo('path: x/../y'),
      '5:11: repos.a.path: `x/../y` has a part that begins with a dot; write a path below root, such as centos/9',
    ],
    [
      'an absolute path',
      repo('path: /x'),
      '5:11: repos.a.path: `/x` begins with a slash; write a path below root, such as centos/9',
    ],
    [
      'a path without anything',
      repo('path: ""'),
      '5:11: repos.a.path: expected a folder, found nothing; write the path of a folder',
    ],
    [
      'a hidden path',
      repo('path: x/.y'),
      '5:11: repos.a.path: `x/.y` has a part that begins with a dot; write a path below root, such as centos/9',
    ],
    [
      'a path with a control character',
      repo('path: "x\\ty"'),
      '5:11: repos.a.path: expected a folder, found `x y`; write the path of a folder',
    ],
    [
      'a path with a backslash',
      repo('path: x\\y'),
      '5:11: repos.a.path: `x\\y` holds a backslash; write a path below root, such as centos/9',
    ],
    [
      'a path with a part that no file system takes',
      repo(
        'path: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
      ),
      '5:11: repos.a.path: `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...` has a part over 200 bytes; write a path below root, such as centos/9',
    ],
    [
      'a path that is too long',
      repo(
        'path: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
      ),
      '5:11: repos.a.path: `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...` is over 1000 bytes long; write a path below root, such as centos/9',
    ],
  )
})
