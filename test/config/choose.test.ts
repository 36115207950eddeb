import { describe, expect, test } from 'vitest'
import { chooseRepos } from '../../src/config/choose.ts'
import type { Config, Repo } from '../../src/config/repo.ts'

const config = configOf('base', 'appstream', 'epel-9', 'epel-10', 'epel-next-9')

describe('the repositories that are named', () => {
  test.each([
    ['none', [], ['base', 'appstream', 'epel-9', 'epel-10', 'epel-next-9']],
    ['one', ['appstream'], ['appstream']],
    ['several, in the order of the configuration', ['epel-10', 'base'], ['base', 'epel-10']],
    ['a glob', ['epel-*'], ['epel-9', 'epel-10', 'epel-next-9']],
    ['one character', ['epel-?'], ['epel-9']],
    ['one of some characters', ['[ab]*'], ['base', 'appstream']],
    ['the same twice', ['base', 'b*', 'base'], ['base']],
  ])('%s', (_, operands, expected) => {
    expect(chooseRepos(config, operands).map(({ id }) => id)).toEqual(expected)
  })

  test.each([
    ['epl-9', 'no repository epl-9 in /etc/m.yaml; it has base, appstream, epel-9, epel-10, epel-next-9'],
    ['fedora*', 'no repository fedora* in /etc/m.yaml; it has base, appstream, epel-9, epel-10, epel-next-9'],
    ['Base', 'no repository Base in /etc/m.yaml; it has base, appstream, epel-9, epel-10, epel-next-9'],
  ])('%s is a mistake, even beside others that are there', (operand, message) => {
    expect(() => chooseRepos(config, ['base', operand])).toThrow(expect.objectContaining({ code: 'E_USAGE', message }))
  })

  test('are none in a configuration without any', () => {
    expect(chooseRepos(configOf(), [])).toEqual([])
    expect(() => chooseRepos(configOf(), ['a'])).toThrow('no repository a in /etc/m.yaml; it has none')
  })
})

function configOf(...ids: string[]): Config {
  return { file: '/etc/m.yaml', repos: ids.map((id) => ({ id }) as Repo) } as Config
}
