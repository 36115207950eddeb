import { describe } from 'vitest'
import { refuses, repo } from './configuration.ts'

describe('matrix', () => {
  refuses(
    ['a variable without values', repo('matrix: { v: [] }'), '5:15: repos.a.matrix.v: no value; write at least one'],
    [
      'a value twice',
      repo('matrix: { v: [1, 2, 1] }'),
      '5:15: repos.a.matrix.v: `1` stands twice; leave one of them out',
    ],
    [
      'a value that cannot be in an id',
      repo('matrix: { v: [a/b] }'),
      '3:3: repos.a: `a-a/b` cannot be an id; use letters, digits, - _ . and :, and begin with a letter or digit',
    ],
    [
      'too many combinations',
      repo(
        'matrix: { a: "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39", b: "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39" }',
      ),
      '5:5: repos.a.matrix: it makes more than 1000 repositories; write several entries',
    ],
    [
      'a path that leaves a variable out',
      repo('matrix: { v: [1, 2, 3] }\n    path: x'),
      '6:11: repos.a.path: it does not keep the repositories of the matrix apart; use every variable of the matrix in it',
    ],
    [
      'a word in place of it',
      repo('matrix: x'),
      '5:13: repos.a.matrix: expected keys and values, found `x`; write key: value',
    ],
  )
})
