import { describe, expect, test } from 'vitest'
import { Mistakes } from '../../../src/config/mistakes.ts'
import { interpolated, readConfigParser } from '../../../src/config/mrepo/configParser.ts'

const read = (...lines: string[]) => {
  const mistakes = new Mistakes()
  const { sections, defaults, undone } = readConfigParser(lines.join('\n'), 'f', mistakes)
  const plain = sections.map(({ name, options }) => [
    name,
    Object.fromEntries([...options.values()].map((option) => [option.name, option.value])),
  ])
  return { sections: Object.fromEntries(plain), defaults, undone, mistakes }
}

describe('a file is read as by ConfigParser of Python 2', () => {
  test.each<[string, string[], Record<string, string>]>([
    [
      '= or : behind a name, in either case',
      ['A = 1', 'b: 2', 'C=3', 'url = http://h/?a=b'],
      { a: '1', b: '2', c: '3', url: 'http://h/?a=b' },
    ],
    [
      'comments',
      ['# a = 1', '; b = 2', 'rem c = 3', 'REM', 'd = 4 ; five', 'e = 6;7', 'f = ; all', 'g = 1 # stays'],
      { d: '4', e: '6;7', f: '; all', g: '1 # stays' },
    ],
    [
      'lines that go on, over blank lines and comments',
      ['a = 1', '  2', '', '# no', '\t3', 'b ='],
      { a: '1\n2\n3', b: '' },
    ],
    ['an indented line that looks like an option or a section', ['a = 1', '  b = 2', '  [c]'], { a: '1\nb = 2\n[c]' }],
    ['two quotes for nothing', ['a = ""', 'b = "x"'], { a: '', b: '"x"' }],
    ['the last of equal names', ['a = 1', 'A = 2'], { a: '2' }],
    ['a carriage return at the end', ['a = 1\r', 'b = 2\r'], { a: '1', b: '2' }],
  ])('%s', (_, lines, expected) => {
    expect(read('[s]', ...lines).sections).toEqual({ s: expected })
  })

  test('a section that returns is continued, and [DEFAULT] is none', () => {
    const { sections, defaults, undone } = read(
      '[a]',
      'x = 1',
      '[DEFAULT]',
      'y = 2',
      '[b]',
      '[a] behind',
      'z = 3',
      'x = 4',
    )
    expect(sections).toEqual({ a: { x: '4', z: '3' }, b: {} })
    expect([...defaults.values()]).toEqual([{ name: 'y', value: '2', place: { file: 'f', line: 4, column: 1 } }])
    expect(undone.map(({ place }) => place.line)).toEqual([2])
  })

  test('what it does not read is told with its place', () => {
    const { mistakes } = read('early = 1', '[a]', 'no option', '= nothing')
    expect(() => mistakes.throwIfAny()).toThrow(
      [
        'f:1:1: a line before the first section; begin with [main]',
        'f:3:1: this is no option with a value; write name = value',
        'f:4:1: this is no option with a value; write name = value',
      ].join('\n'),
    )
  })
})

test('%(name)s is an option of the section, as deep as ten; a % alone is as it is', () => {
  const { sections } = read(
    '[s]',
    'a = %(B)s/%(c)s',
    'b = 1%%',
    'c = %(d)s',
    'd = 2',
    'e = 50%',
    'f = %(none)s',
    'g = %(g)s',
    'h = %(d)s %x',
  )
  const options = new Map(
    Object.entries(sections.s as Record<string, string>).map(([name, value]) => [
      name,
      { name, value, place: { file: 'f' } },
    ]),
  )
  const of = (name: string) => interpolated(options.get(name)?.value ?? '', options)
  expect(['a', 'e', 'f', 'g', 'h'].map(of)).toEqual(['1%/2', '50%', undefined, undefined, undefined])
})
