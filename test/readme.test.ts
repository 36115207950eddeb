import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { verbs } from '../src/cli/verbs.ts'
import { codes } from '../src/errors.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

describe('the README', () => {
  test('says of every error code what to do', () => {
    const table = readme.slice(readme.indexOf('## When something is wrong'))
    const told = new Set(table.match(/E_[A-Z_]+/g))
    expect([...told].sort()).toEqual(Object.keys(codes).sort())
  })

  test('has every verb in its tables of commands, with no option that there is not', () => {
    const commands = readme.slice(readme.indexOf('## Commands'), readme.indexOf('| exit status'))
    const rows = commands.split('\n').filter((row) => row.startsWith('| `mirror '))
    const words = new Set(rows.flatMap((row) => row.split('|')[1]?.match(/[a-z]+(?:-[a-z]+)*/g) ?? []))
    expect(verbs.map(({ name }) => name).filter((name) => !name.split(' ').every((word) => words.has(word)))).toEqual(
      [],
    )
    const known = new Set(verbs.flatMap(({ options }) => options.flatMap(({ flags }) => flags.match(/--?[a-z-]+/g))))
    const written = rows.flatMap((row) => row.match(/(?<=[ `[])--?[a-z-]+/g) ?? [])
    expect(written.filter((option) => !known.has(option))).toEqual([])
  })
})
