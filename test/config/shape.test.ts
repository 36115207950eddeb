import { describe } from 'vitest'
import { levels } from '../../src/config/schema.ts'
import { unbuilt } from '../../src/config/unbuilt.ts'
import { refuses, repo } from './configuration.ts'

const built = Object.keys(levels['a repository']).filter((key) => !(key in unbuilt))

describe('shape', () => {
  refuses(
    [
      'an unknown key at the top',
      'root: www\nworkrs: 3\nrepos: {}\n',
      '2:1: workrs: unknown key; did you mean workers?',
    ],
    [
      'an unknown key of a repository',
      repo('newest_onli: true'),
      '5:5: repos.a.newest_onli: unknown key; did you mean newest_only?',
    ],
    [
      'an unknown key that is near to none',
      repo('colour: blue'),
      `5:5: repos.a.colour: unknown key; the keys here are ${built.join(', ')}`,
    ],
    [
      'an unknown key with a dash',
      repo('newest-only: yes'),
      '5:5: repos.a.newest-only: unknown key; did you mean newest_only?',
    ],
    ['a key at the wrong level', repo('workers: 3'), '5:5: repos.a.workers: unknown key; it belongs to the top level'],
    [
      'a key that is not for all',
      'root: www\ndefaults: { path: x }\nrepos: {}\n',
      '2:13: defaults.path: unknown key; it belongs to a repository',
    ],
    [
      "a key that only tells dnf's clients something",
      repo('priority: 1'),
      '5:5: repos.a.priority: unknown key; it says how dnf uses a repository, not how to mirror it: leave it out',
    ],
    [
      'an unknown key of an include',
      'root: www\ninclude: [{ files: [x*.repo], var: {} }]\n',
      '2:31: include[0].var: unknown key; did you mean vars?',
    ],
    [
      'a key twice',
      repo('keep: 1\n    keep: 2'),
      '6:5: the key `keep` is given twice; the first one is in line 5: leave one of them out',
    ],
    [
      'a key that is a list',
      'root: www\n? [a]\n: 1\nrepos: {}\n',
      '2:3: this cannot be a key; write a plain word in front of the colon',
    ],
    [
      'a key that JavaScript would take for its own',
      'root: www\nrepos: { __proto__: { baseurl: http://h/ } }\n',
      '2:10: this cannot be a key; write a plain word in front of the colon',
    ],
    ['no root', 'repos: {}\n', '1:1: root is missing; write root: and the folder that is served'],
    [
      'a list in place of the configuration',
      '- root\n',
      '1:1: expected keys and values, found a list; write key: value',
    ],
    ['a word in place of the configuration', 'root\n', '1:1: expected keys and values, found `root`; write key: value'],
    [
      'a list in place of repos',
      'root: www\nrepos: [a]\n',
      '2:8: repos: expected keys and values, found a list; write key: value',
    ],
    [
      'an id without anything',
      'root: www\nrepos:\n  a:\n',
      '3:5: repos.a: expected keys and values, found nothing; write key: value',
    ],
    [
      'a map in place of a list',
      repo('arch: { x86_64: yes }'),
      '5:11: repos.a.arch: expected a list, found keys and values; write [one, two]',
    ],
    [
      'a list in place of a word',
      repo('retain: [1, 2]'),
      '5:13: repos.a.retain: expected a duration, found a list; write seconds or a number with s, m, h or d, such as 30s, 72h or 90d',
    ],
    [
      'a map among the items of a list',
      repo('includepkgs: [{ a: 1 }]'),
      '5:19: repos.a.includepkgs[0]: expected a glob, found keys and values; write package names or globs such as nginx*',
    ],
  )
})
