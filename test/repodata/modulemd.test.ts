import { describe, expect, test } from 'vitest'
import { readPlainModulemd } from '../../src/repodata/modules/lines.ts'
import { readModulemd, trimModulemd } from '../../src/repodata/modules/modulemd.ts'

/** As libmodulemd writes it, and the same in forms that it does not write. */
const plain = `---
document: modulemd
version: 2
data:
  name: nginx
  stream: "1.20"
  version: 9020240126110506123
  context: c0ffee42
  arch: x86_64
  summary: A server
  description: >-
    Its documents say

    name: other
    artifacts:
  license:
    module:
    - MIT
  profiles:
    common: [nginx, 'nginx-core']
  components:
    rpms:
      nginx:
        arches: [aarch64, x86_64]
  artifacts:
    rpms:
    - nginx-1:1.20.1-2.module_el9+1.x86_64
    - nginx-core-0:1.20.1-2.module_el9+1.x86_64
  xmd: {}
...
`
const variants: [string, string][] = [
  ['libmodulemd’s own form', plain],
  ['items further in', plain.replaceAll(/^ {4}(- nginx)/gm, '      $1')],
  ['no markers', plain.replace(/^---\n|\.\.\.\n/gm, '')],
  ['a comment behind a value', plain.replace('name: nginx', 'name: nginx # the server')],
  ['an escape', plain.replace('"1.20"', String.raw`"1\x2e20"`)],
  ['windows’ line ends', plain.replaceAll('\n', '\r\n')],
  ['a list in brackets', plain.replace(/rpms:\n((?: {4}- .*\n)+)/, (_, list: string) => brackets(list))],
  ['a quote over lines', plain.replace('A server', '"A server\n    name: other"')],
  ['quotes that hide a key', plain.replace('A server', '"A\n   stream: other\n   server"')],
  ['an umlaut', plain.replace('A server', Buffer.from('"Ein "\n  x: ü').toString('latin1'))],
]

function brackets(list: string): string {
  return `rpms: [${[...list.matchAll(/- (\S+)/g)].map(([, artifact]) => `"${artifact}"`).join(',\n      ')}]\n`
}

/** What looks like lines of their own and is not. */
test.each([
  ['a name', plain.replace('name: nginx', 'name: nginx\n    core'), { name: 'nginx core' }],
  [
    'an artifact',
    plain.replace(/ {4}- nginx-core.*\n/, '      - more\n'),
    { artifacts: ['nginx-1:1.20.1-2.module_el9+1.x86_64 - more'] },
  ],
])('%s over two lines is one text', (_, document, expected) => {
  expect(readModulemd(document)).toMatchObject(expected)
})

const core = 'nginx-core-1.20.1-2.module_el9+1.x86_64'
const nginx = 'nginx-1:1.20.1-2.module_el9+1.x86_64'

describe('a stream', () => {
  test.each(variants)('is read with %s', (_, document) => {
    const built = { context: 'c0ffee42', arch: 'x86_64' }
    const read = { name: 'nginx', stream: '1.20', version: '9020240126110506123', ...built, artifacts: [nginx, core] }
    expect(readModulemd(document)).toEqual(read)
  })

  test.each(variants)('is trimmed with %s', (_, document) => {
    const trimmed = trimModulemd(document, (artifact) => artifact === core)
    expect(readModulemd(trimmed)).toEqual({ ...readModulemd(document), artifacts: [core] })
    expect(trimmed).toContain('summary:')
    expect(trimModulemd(document, () => true)).toBe(document)
    expect(trimModulemd(document, () => false)).toBe('')
  })

  test('of libmodulemd’s form is read without a YAML parser and loses lines alone', () => {
    expect(readPlainModulemd(plain)).toBeDefined()
    expect(trimModulemd(plain, (artifact) => artifact === core)).toBe(plain.replace(/ *- nginx-1:.*\n/, ''))
  })

  // libmodulemd, yaml_specs/modulemd_stream_v2.yaml
  test('loses what its rpm-map says of the others, and an algorithm that has none left', () => {
    const entry = (digest: string, nevra: string) => `        ${digest}: { name: n, epoch: 0, nevra: "${nevra}" }\n`
    const artifacts = ['a-0:1-1.x86_64', 'b-0:1-1.x86_64'] as const
    const map = (...algorithms: string[]) => `    rpm-map:\n${algorithms.join('')}`
    const list = (...nevras: string[]) => `    rpms:\n${nevras.map((nevra) => `      - ${nevra}\n`).join('')}`
    const head = 'document: modulemd\nversion: 2\ndata:\n  name: m\n  stream: "s"\n  version: 1\n  artifacts:\n'
    const [a, b] = artifacts
    const document = `---\n${head}${list(a, b)}${map(
      `      sha256:\n${entry('aa', a)}${entry('bb', b)}`,
      `      sha512:\n${entry('cc', b)}`,
    )}...\n`
    const only = (stays: string) => trimModulemd(document, (nevra) => nevra === stays.replace('0:', ''))
    expect(only(a)).toBe(`---\n${head}${list(a)}${map(`      sha256:\n${entry('aa', a)}`)}...\n`)
    expect(only(b)).not.toContain('aa:')
    expect(only(b)).toContain('cc:')
    expect(trimModulemd(document, () => true)).toBe(document)
    expect(
      trimModulemd(document.replace(/nevra: "b[^"]*"/g, 'nevra: gone'), (nevra) => nevra.startsWith('b')),
    ).not.toContain('rpm-map')
  })

  test('that never had an artifact stays', () => {
    const none = plain.replace(/ {2}artifacts:\n {4}rpms:\n( {4}- .*\n)+/, '')
    expect(readModulemd(none)?.artifacts).toEqual([])
    expect(trimModulemd(none, () => false)).toBe(none)
  })

  test('of version 3 is one too', () => {
    expect(readModulemd(plain.replace('document: modulemd', 'document: modulemd-stream'))?.name).toBe('nginx')
  })
})

test.each(['modulemd-packager', 'modulemd-defaults', 'modulemd-obsoletes', 'modulemd-translations'])(
  '%s is no stream, and stays as it is',
  (kind) => {
    const document = plain.replace('document: modulemd', `document: ${kind}`)
    expect(readModulemd(document)).toBeUndefined()
    expect(trimModulemd(document, () => false)).toBe(document)
  },
)

describe('what clients would refuse is told in one line', () => {
  const aliases = Array.from({ length: 30 }, (_, i) => `  a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]\n`)
  test.each([
    ['no YAML', '---\n- [no module\n', /^Flow sequence/],
    ['no mapping', '---\nmodulemd\n', /^a mapping expected$/],
    ['a key twice', plain.replace('context:', 'stream:'), /unique/],
    ['depth', `---\n${'['.repeat(100_000)}`, /stack size/],
    ['a bomb of aliases', `---\ndocument: modulemd # 1\ndata:\n  a0: &a0 [x]\n${aliases.join('')}`, /alias count/],
    ['an alias of nothing', plain.replace('name: nginx', 'name: nginx # 1\n  y: *x'), /alias/i],
    ['bytes that are no UTF-8', plain.replace('A server', '[\n\xff]'), /^not UTF-8$/],
    [
      'artifacts that are no list',
      plain.replace(/rpms:\n {4}- .*\n {4}- .*\n {2}xmd/, 'rpms: {a: b}\n  xmd'),
      /^data\.artifacts\.rpms: /,
    ],
    ['megabytes that need a YAML parser', `${plain}# \r${'x'.repeat(2 ** 22)}`, /^more than 4194304 bytes/],
  ])('%s', (_, document, message) => {
    expect(() => readModulemd(document)).toThrow(message)
  })
})
