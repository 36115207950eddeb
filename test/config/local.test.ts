import { describe, expect, it } from 'vitest'
import { load, mistakesIn, refuses } from './configuration.ts'

function local(keys: string): string {
  return `root: www\nrepos:\n  a:\n    ${keys}\n`
}

describe('local', () => {
  it('is a folder or a list of them, from the folder of the file, with variables', async () => {
    const { repos, warnings } = await load({
      'mirror.yaml': local('local: [rpms/$r/, ./more, /srv/own, more]\n    vars: { r: 9 }'),
      'rpms/9/comps.xml': '',
      'more/comps.xml': '',
    })
    expect(repos).toMatchObject([{ id: 'a', baseurl: [], local: ['DIR/rpms/9', 'DIR/more', '/srv/own'] }])
    expect(warnings).toEqual(['DIR/mirror.yaml:4:31: repos.a.local[2]: there is no folder `/srv/own`'])
  })

  it('is taken where trust is required', async () => {
    const { repos } = await load(`defaults: { trust: required }\n${local('local: rpms')}`)
    expect(repos).toMatchObject([{ trust: 'required', local: ['DIR/rpms'] }])
  })

  it('is no key of a .repo file', async () => {
    const { warnings } = await load({
      'mirror.yaml': 'root: www\ninclude: [{ files: a.repo }]\n',
      'a.repo': '[b]\nbaseurl=http://h/\nlocal=/srv\n',
    })
    expect(warnings).toEqual(['DIR/a.repo:3:1: b.local: unknown key, passed over'])
  })

  it('names a folder apart from root through symbolic links too', async () => {
    const folder = process.cwd()
    const mistakes = await mistakesIn(local('local: /proc/self/cwd').replace('www', `${folder}/www`))
    const place = `mirror.yaml:4:12: repos.a.local: \`${folder}\` holds`
    expect(mistakes.filter((mistake) => mistake.startsWith(place))).toHaveLength(2)
  })

  refuses(
    [
      'an upstream beside it',
      local('baseurl: http://h/\n    local: rpms'),
      '5:5: repos.a: local and baseurl exclude each other; leave one out',
    ],
    ['no folder', local('local: []'), '4:12: repos.a: local names no folder; write a folder'],
    ['a home', local('local: ~/rpms'), '4:12: repos.a.local: ~ is not expanded here; write the folder out'],
    [
      'a folder of root',
      local('local: www/a'),
      '4:12: repos.a.local: `DIR/www/a` lies in root `DIR/www`; write a folder apart from it',
    ],
    [
      'the state',
      local('local: [rpms, state]'),
      '4:19: repos.a.local[1]: `DIR/state` is state `DIR/state`; write a folder apart from it',
    ],
    [
      'a folder that holds both',
      local('local: .'),
      '4:12: repos.a.local: `DIR` holds root `DIR/www`; write a folder apart from it',
      '4:12: repos.a.local: `DIR` holds state `DIR/state`; write a folder apart from it',
    ],
  )
})
