import { describe, expect, test } from 'vitest'
import { moduleStreams, splitModules, trimModules } from '../../src/repodata/modules/modules.ts'

const module = (name: string, ...artifacts: string[]) =>
  `document: modulemd\nversion: 2\ndata:\n  name: ${name}\n  stream: s\n  version: 1\n` +
  `  artifacts:\n    rpms:\n${artifacts.map((artifact) => `    - ${artifact}\n`).join('')}`
const a = module('a', 'a-0:1-1.x86_64', 'b-0:1-1.x86_64')
const b = module('b', 'c-0:1-1.x86_64')
const defaults = 'document: modulemd-defaults\nversion: 1\ndata:\n  module: a\n'

const files: [string, string, number][] = [
  ['as libmodulemd writes them', `---\n${defaults}...\n---\n${a}...\n---\n${b}...\n`, 3],
  ['without ends', `---\n${defaults}---\n${a}---\n${b}`, 3],
  ['without beginnings', `${defaults}...\n${a}...\n${b}...`, 3],
  [
    'with comments and directives',
    `# one\n%YAML 1.1\n---\n${defaults}...\n\n# two\n---\n${a}--- # three\n${b}...\n# end\n`,
    4,
  ],
  ['with CRLF', `---\n${defaults}...\n---\n${a}...\n---\n${b}...\n`.replaceAll('\n', '\r\n'), 3],
]

describe('documents', () => {
  test.each(files)('%s are told apart wherever the file is cut, and nothing is lost', async (_, text, count) => {
    for (const size of [1, 2, 3, 5, 64, 1_000_000]) {
      const documents = await all(splitModules(chunks(text, size)))
      expect(documents.join('')).toBe(text)
      expect(documents).toHaveLength(count)
    }
  })

  test.each(files)('%s are read', async (_, text) => {
    const streams = await all(moduleStreams(chunks(text)))
    expect(streams.map(({ name, artifacts }) => [name, artifacts])).toEqual([
      ['a', ['a-1-1.x86_64', 'b-1-1.x86_64']],
      ['b', ['c-1-1.x86_64']],
    ])
  })

  test.each(files)('%s name what is there, once trimmed', async (_, text) => {
    const [trimmed] = await trim(text, (nevra) => nevra.startsWith('c'))
    expect(trimmed).toContain('modulemd-defaults')
    expect((await all(moduleStreams(chunks(trimmed)))).map(({ name }) => name)).toEqual(['b'])
  })

  test('of which nothing is cut are the same bytes', async () => {
    for (const [, text] of files.filter(([name]) => name !== 'without beginnings'))
      expect(await trim(text, () => true)).toEqual([text, false])
  })

  test('that name what never was there are no news by themselves', async () => {
    const [, text] = files[0]!
    expect(
      (
        await trim(
          text,
          (nevra) => !nevra.startsWith('a'),
          (nevra) => nevra === 'b',
        )
      )[1],
    ).toBe(false)
    expect(
      (
        await trim(
          text,
          () => true,
          (nevra) => nevra === 'b-1-1.x86_64',
        )
      )[1],
    ).toBe(true)
  })
})

test('the broken one of many is told by its number', async () => {
  const read = all(moduleStreams(chunks(`---\n${a}---\n${b}---\n- [x\n---\n${a}`)))
  await expect(read).rejects.toThrow(/^document 3: Flow sequence/)
})

test('one without an end is refused before it fills the memory', async () => {
  async function* endless() {
    for (;;) yield Buffer.from(`${'x'.repeat(2 ** 20)}\n`)
  }
  await expect(all(splitModules(endless()))).rejects.toMatchObject({ code: 'E_LIMIT' })
})

async function* chunks(text: string, size = 50): AsyncGenerator<Buffer> {
  for (let from = 0; from < text.length; from += size) yield Buffer.from(text.slice(from, from + size))
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

/** The trimmed file and whether something dropped was in it. */
async function trim(text: string, isThere: (nevra: string) => boolean, isDropped = (_: string) => false) {
  const parts = trimModules(chunks(text), { isThere, isDropped })
  let trimmed = ''
  for (;;) {
    const part = await parts.next()
    if (part.done === true) return [trimmed, part.value] as const
    trimmed += part.value.toString()
  }
}
