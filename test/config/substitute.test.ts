// biome-ignore-all lint/suspicious/noTemplateCurlyInString: dnf's variables look like that
import { describe, expect, it } from 'vitest'
import { substitute } from '../../src/config/substitute.ts'
import { layered } from '../../src/config/variables.ts'
import { load, refuses, repo } from './configuration.ts'

describe('substitute', () => {
  refuses(
    [
      'one that is not defined, in a URL',
      'root: www\nrepos: { a: { baseurl: "http://h/$stream/" } }\n',
      '2:24: repos.a.baseurl: $stream is not defined; add vars: { stream: "..." } or write ${stream:-default}',
    ],
    [
      'one that is misspelt',
      'root: www\nrepos: { a: { baseurl: "http://h/$basearh/" } }\n',
      '2:24: repos.a.baseurl: $basearh is not defined; did you mean $basearch?',
    ],
    [
      'releasever, which a mirror has not',
      'root: www\nrepos: { a: { baseurl: "http://h/$releasever/" } }\n',
      '2:24: repos.a.baseurl: $releasever is not defined; add vars: { releasever: "..." } or write ${releasever:-default}',
    ],
    [
      'releasever_minor of a releasever without',
      'root: www\nvars: { releasever: 9 }\nrepos: { a: { baseurl: "http://h/$releasever_minor/" } }\n',
      '3:24: repos.a.baseurl: $releasever_minor is not defined; add vars: { releasever_minor: "..." } or write ${releasever_minor:-default}',
    ],
    [
      'one in a path',
      repo('path: x/$y'),
      '5:11: repos.a.path: $y is not defined; add vars: { y: "..." } or write ${y:-default}',
    ],
    [
      'one in a default that is used',
      repo('path: ${x:-$y}'),
      '5:11: repos.a.path: $y is not defined; add vars: { y: "..." } or write ${y:-default}',
    ],
    [
      'a brace that is not closed',
      repo('path: ${x'),
      '5:11: repos.a.path: `${x` is not a variable; write $name, ${name} or ${name:-default}',
    ],
    [
      'an operator that dnf does not have',
      repo('path: ${x:?y}'),
      '5:11: repos.a.path: `${x:?y}` is not a variable; write $name, ${name} or ${name:-default}',
    ],
    [
      'one in root',
      'root: $www\nrepos: {}\n',
      '1:7: root: $www is not defined; add vars: { www: "..." } or write ${www:-default}',
    ],
    [
      'one in an include',
      'root: www\ninclude: [{ files: [$x/*.repo] }]\n',
      '2:21: include[0].files[0]: $x is not defined; add vars: { x: "..." } or write ${x:-default}',
    ],
    [
      'a name that cannot be one',
      'root: www\nvars: { a-b: c }\nrepos: {}\n',
      '2:9: vars.a-b: `a-b` cannot be a variable; use letters, digits and _, and begin with a letter',
    ],
    [
      'a value that would need substituting',
      'root: www\nvars: { a: $b }\nrepos: {}\n',
      '2:9: vars.a: `$b` has a $, and values are not substituted again; write the value out',
    ],
  )

  // what dnf5 5.4 prints for a repository of this name, with releasever 9.10 and a file `empty` in its vars folder
  const host = layered([
    ['basearch', 'x86_64'],
    ['releasever', '9.10'],
    ['empty', ''],
    ['a_b', 'AB'],
  ])
  it.each([
    ['$releasever', '9.10'],
    ['${releasever}', '9.10'],
    ['$releasever_major.$releasever_minor', '9.10'],
    ['$arch', 'x86_64'],
    ['x$basearch-y', 'xx86_64-y'],
    ['$basearch/x', 'x86_64/x'],
    ['$a_b', 'AB'],
    ['${nope:-d}', 'd'],
    ['${nope:-}', ''],
    ['${nope:-a:b}', 'a:b'],
    ['${nope:-a}b}', 'ab}'],
    ['${nope:-a\\}b}', 'a}b'],
    ['${nope:-${basearch}}', 'x86_64'],
    ['${nope:-${nope2:-z}}', 'z'],
    ['${nope:-x\\$y}', 'x$y'],
    ['${nope:+d}', ''],
    ['${releasever:-d}', '9.10'],
    ['${releasever:+d}', 'd'],
    ['${empty:-d}', 'd'],
    ['${empty:+d}', ''],
    ['$$basearch', '$x86_64'],
    ['\\$basearch', '$basearch'],
    ['$', '$'],
    ['$$', '$$'],
  ])('replaces %s by %s as dnf5 does', (text, expected) => {
    const trouble = { missing: new Set<string>(), malformed: new Set<string>() }
    expect(substitute(text, host, trouble)).toBe(expected)
    expect([...trouble.missing, ...trouble.malformed]).toEqual([])
  })

  it('does not ask for a variable in a side that is not used', async () => {
    expect((await load(repo('path: ${basearch:-$nope}${nope:+$nope}'))).repos[0]!.path).toBe('x86_64')
  })
})
