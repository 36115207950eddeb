import { describe, expect, it } from 'vitest'
import { load, mistakesIn, refuses, repo } from './configuration.ts'

describe('yaml', () => {
  refuses(
    ['an empty file', '', '1:1: the file is empty; write at least root: and repos: or include:'],
    ['a file of comments', '# nothing\n', '1:1: the file is empty; write at least root: and repos: or include:'],
    [
      'a bracket that is not closed',
      'root: [www\nrepos: {}\n',
      '2:1: YAML: Flow sequence in block collection must be sufficiently indented and end with a ]; correct the syntax here or just before',
    ],
    [
      'a tab',
      repo('arch:\n\t- x86_64'),
      '5:10: YAML: A block sequence may not be used as an implicit map key; correct the syntax here or just before',
      '6:1: YAML: Tabs are not allowed as indentation; correct the syntax here or just before',
    ],
    [
      'a colon too many',
      'root: a: b\n',
      '1:7: YAML: Nested mappings are not allowed in compact mappings; correct the syntax here or just before',
    ],
    [
      'a quote that is not closed',
      'root: "www\n',
      '2:1: YAML: Missing closing "quote; correct the syntax here or just before',
    ],
    [
      'a glob that YAML takes for an alias',
      repo('excludepkgs: [*-debuginfo]'),
      '5:19: YAML reads `*-debuginfo` as an alias, and no anchor has this name; a glob that begins with * needs quotes: "*-debuginfo"',
    ],
    [
      'a tag',
      repo('keep: !!int 3'),
      '5:11: YAML: Unresolved tag: tag:yaml.org,2002:int; correct the syntax here or just before',
    ],
    [
      'a tag that YAML knows',
      repo('keep: !!binary 3'),
      '5:11: YAML: Unresolved tag: tag:yaml.org,2002:binary; correct the syntax here or just before',
    ],
    ['an unknown tag', repo('keep: !n 3'), '5:11: YAML: Unresolved tag: !n; correct the syntax here or just before'],
    [
      'two documents',
      'root: www\nrepos: {}\n---\nroot: x\n',
      '3:1: YAML: more than one document in the file; correct the syntax here or just before',
    ],
    [
      'a directive from the future',
      '%YAML 9.9\n---\nroot: www\n',
      '1:7: YAML: Unsupported YAML version 9.9; correct the syntax here or just before',
    ],
    ['an alias to itself', repo('arch: &a [*a]'), '5:15: nested too deep; write it shorter'],
  )

  it('reads a scalar as it is written', async () => {
    const { repos } = await load(
      'root: www\nvars: { releasever: 9.10 }\nrepos: { a: { baseurl: "http://h/$releasever" } }\n',
    )
    expect(repos[0]!.baseurl).toEqual(['http://h/9.10/'])
  })

  it('reads a byte order mark, CRLF and aliases', async () => {
    const text =
      'root: www\nrepos:\n  a: { baseurl: http://h/, arch: &arch [i686] }\n  b: { baseurl: http://h/, arch: *arch }\n'
    const { repos } = await load(`\uFEFF${text.replaceAll('\n', '\r\n')}`)
    expect(repos.map(({ selection, at }) => [selection.arch, at])).toEqual([
      [['i686', 'noarch'], 'DIR/mirror.yaml:3:3'],
      [['i686', 'noarch'], 'DIR/mirror.yaml:4:3'],
    ])
  })

  const laughs = Array.from({ length: 8 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(9)}]`)
  it.each([
    ['an alias bomb', `a0: &a0 [x]\n${laughs.join('\n')}`, 'more than 100000 values, aliases written out'],
    ['a tower of brackets', '['.repeat(50_000), 'nested too deep'],
    ['a tower of maps', '{a: '.repeat(50_000), 'nested too deep'],
    ['a staircase', Array.from({ length: 1000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'), 'nested too deep'],
    ['an alias to itself, many times', `a: &a [${'*a,'.repeat(100_000)}]`, 'nested too deep'],
  ])('refuses %s in one line', async (_, yaml, what) => {
    const mistakes = await mistakesIn(yaml)
    expect(mistakes).toHaveLength(1)
    expect(mistakes[0]).toContain(what)
  })

  it('shows the first hundred of many mistakes and counts the rest', async () => {
    const mistakes = await mistakesIn(
      `root: www\nrepos: {}\n${Array.from({ length: 5000 }, (_, i) => `k${i}: 1\n`).join('')}`,
    )
    expect(mistakes).toHaveLength(101)
    expect(mistakes[0]).toMatch(/^mirror\.yaml:3:1: k0: unknown key/)
    expect(mistakes[100]).toBe('mirror.yaml:103:1: 4900 more from here on')
  })
})
