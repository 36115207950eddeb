import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { readIni } from '../../src/config/ini.ts'
import { Mistakes } from '../../src/config/mistakes.ts'
import { judge } from '../helpers/judges.ts'

/** A text, and the sections that libdnf 0.70 (dnf 4.14) finds in it; undefined where it gives up the file. */
const vectors: [text: string, sections: [id: string, keys: Record<string, string>][] | undefined][] = [
  ['', []],
  ['[a]\nname=x\n', [['a', { name: 'x' }]]],
  ['[a]\r\nname=x\r\n y\r\n\r\n', [['a', { name: 'x\ny' }]]],
  ['# c\n\n[a]\nname = x  ', [['a', { name: 'x' }]]],
  [' [a]\nname\t=\tx\n', [['a', { name: 'x' }]]],
  ['[ a ]\nname=x\n', [[' a ', { name: 'x' }]]],
  ['[a] # c\nname=x\n', [['a', { name: 'x' }]]],
  [
    '[a]\n[b]\n',
    [
      ['a', {}],
      ['b', {}],
    ],
  ],
  ['[a]\nname=x # c\n', [['a', { name: 'x # c' }]]],
  ['[a]\nname=x ; c\n', [['a', { name: 'x ; c' }]]],
  ['[a]\n#c\n;c\nname=x\n', [['a', { name: 'x' }]]],
  ['[a]\nname=x\n # c\n y\n', [['a', { name: 'x\n# c\ny' }]]],
  ['[a]\nbaseurl=http://x/\n http://y/\n', [['a', { baseurl: 'http://x/\nhttp://y/' }]]],
  ['[a]\nbaseurl=\n\thttp://x/\n', [['a', { baseurl: '\nhttp://x/' }]]],
  ['[a]\nname=x\n  \n y\n', [['a', { name: 'x\n\ny' }]]],
  ['[a]\nname=x\n\t\nb=1\n', [['a', { name: 'x', b: '1' }]]],
  ['[a]\nname=x\n b=y\n', [['a', { name: 'x\nb=y' }]]],
  [
    '[a]\nname=x\n  [b]\n',
    [
      ['a', { name: 'x' }],
      ['b', {}],
    ],
  ],
  ['[a]\nname:x=y\n', [['a', { 'name:x': 'y' }]]],
  ['[a]\nb==c\n', [['a', { b: '=c' }]]],
  ['[a]\nName=x\nname=y\n', [['a', { Name: 'x', name: 'y' }]]],
  ['[a]\nname=x\nname=y\n', [['a', { name: 'y' }]]],
  ['[a]\nname=x\n[a]\nb=y\n', [['a', { name: 'x', b: 'y' }]]],
  ['[a]\nname="x y"\n', [['a', { name: 'x y' }]]],
  ["[a]\nname='x'\n", [['a', { name: 'x' }]]],
  ['[a]\nname="x\n y"\n', [['a', { name: 'x\ny' }]]],
  ['[a]\nname=""\n', [['a', { name: '' }]]],
  ['[a]\nname="\n', [['a', { name: '"' }]]],
  ['[a]\nname=\'x"\n', [['a', { name: '\'x"' }]]],
  ['[a]\nname: x\n', undefined],
  ['[a]\nname\n', undefined],
  ['[a]\n=x\n', undefined],
  ['[a]\n  name=x\n', undefined],
  ['[a]\nname=x\n\n y\n', undefined],
  ['[a]\nname=x\n#c\n y\n', undefined],
  ['name=x\n', undefined],
  [' # c\n[a]\n', undefined],
  ['[a\nname=x\n', undefined],
  ['[]\nname=x\n', undefined],
  ['[a]xy\nname=x\n', undefined],
]

function sectionsOf(text: string) {
  const mistakes = new Mistakes()
  const sections = readIni(text, 'a.repo', mistakes)
  mistakes.throwIfAny()
  return sections.map(({ id, keys }) => [id, Object.fromEntries([...keys].map(([key, { value }]) => [key, value]))])
}

describe('an INI file', () => {
  it.each(vectors)('is read like libdnf does: %j', (text, sections) => {
    if (sections === undefined) expect(() => sectionsOf(text)).toThrow(/a\.repo:\d+:\d+/)
    else expect(sectionsOf(text)).toEqual(sections)
  })

  it.skipIf(!judge('dnf', 'python3'))('is read like the libdnf of this machine does', ({ skip }) => {
    const answers = askLibdnf(vectors.map(([text]) => text))
    skip(answers === undefined, 'python3-libdnf is not installed')
    expect(answers).toEqual(vectors.map(([, sections]) => sections ?? null))
  })

  it('knows where each key and value stands', () => {
    const [section] = readIni('[a]\nname =  x\n', 'a.repo', new Mistakes())
    expect(section!.place).toEqual({ file: 'a.repo', line: 1, column: 1 })
    const { keyPlace, place } = section!.keys.get('name')!
    expect([keyPlace, place]).toEqual([
      { file: 'a.repo', line: 2, column: 1 },
      { file: 'a.repo', line: 2, column: 9 },
    ])
  })
})

const script = `
import json, os, sys, tempfile
try: import libdnf
except ImportError: sys.exit(9)
def ask(text):
    parser = libdnf.conf.ConfigParser()
    with tempfile.NamedTemporaryFile('w', newline='') as file:
        file.write(text); file.flush()
        try: parser.read(file.name)
        except RuntimeError: return None
    return [[name, dict(parser.items(name))] for name in parser.sections()]
print(json.dumps([ask(text) for text in json.load(sys.stdin)]))
`

/** The system's own Python has libdnf where dnf is dnf 4. */
function askLibdnf(texts: string[]): unknown {
  try {
    const path = `/usr/bin:${process.env.PATH}`
    return JSON.parse(
      execFileSync('python3', ['-c', script], { input: JSON.stringify(texts), env: { PATH: path } }).toString(),
    )
  } catch (error) {
    if ((error as { status?: number }).status === 9) return undefined
    throw error
  }
}
