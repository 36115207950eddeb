import { describe, expect, it } from 'vitest'
import { knownArches } from '../../src/arch.ts'
import { load, refuses, repo } from './configuration.ts'

describe('metadata', () => {
  it('is generated unless it says otherwise', async () => {
    const { repos } = await load(repo('name: a'))
    expect(repos).toMatchObject([{ metadata: 'generate', layout: 'packages' }])
  })

  it('of upstream asks for all packages at their hrefs', async () => {
    const { repos } = await load(repo('metadata: upstream'))
    expect(repos).toMatchObject([{ metadata: 'upstream', layout: 'upstream', selection: { source: 'also' } }])
    expect(new Set(repos[0]?.selection.arch)).toEqual(knownArches)
  })

  it('of upstream leaves to the sync whether arch and source leave a package out', async () => {
    const { repos } = await load(repo('metadata: upstream\n    arch: x86_64\n    source: no'))
    expect(repos).toMatchObject([{ selection: { arch: ['x86_64', 'noarch'], source: 'no' } }])
  })

  it('of upstream may be the default where some folders are local', async () => {
    const { repos } = await load({
      'mirror.yaml': 'root: www\ndefaults: { metadata: upstream }\nrepos: { a: { local: rpms } }\n',
      'rpms/comps.xml': '',
    })
    expect(repos).toMatchObject([{ metadata: 'generate' }])
  })

  it('of upstream takes back what defaults select', async () => {
    const own = 'newest_only: no\n    metadata: upstream\n    excludepkgs: []'
    const { repos } = await load(`defaults: { keep: 2, excludepkgs: "a*" }\n${repo(own)}`)
    expect(repos).toMatchObject([{ metadata: 'upstream', selection: { excludepkgs: [] } }])
  })

  const refused = 'metadata: upstream publishes what upstream has, as it is; leave it out, or write metadata: generate'
  refuses(
    ...[
      'newest_only: yes',
      'keep: 3',
      'includepkgs: a*',
      'excludepkgs: a*',
      'debug: no',
      'min_age: 7d',
      'min_buildtime: 2025-01-31',
      'groupfile: own.xml',
      'duplicates: newest',
      'removed: keep',
      'updateinfo: present',
      'comps: present',
      'on_missing: prune',
      'layout: packages',
      'compression: gz',
      'compat: el7',
      'databases: yes',
    ].map((line): [string, string, string] => {
      const [key = '', value] = line.split(': ')
      const yaml = repo(`metadata: upstream\n    ${key}: ${value}`)
      return [line, yaml, `6:${key.length + 7}: repos.a.${key}: ${refused}`]
    }),
    [
      'upstream’s for local folders',
      'root: www\nrepos:\n  a:\n    metadata: upstream\n    local: .\n',
      '4:15: repos.a.metadata: with local there is no one upstream whose metadata could be published; leave it out',
      '5:12: repos.a.local: `DIR` holds root `DIR/www`; write a folder apart from it',
      '5:12: repos.a.local: `DIR` holds state `DIR/state`; write a folder apart from it',
    ],
  )
})
