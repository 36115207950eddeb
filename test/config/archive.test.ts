import { describe, expect, it } from 'vitest'
import { load, refuses } from './configuration.ts'

function carried(keys: string): string {
  return `root: www\nrepos:\n  a:\n    ${keys}\n`
}

describe('archive', () => {
  it('is the path that a repository has where it is exported, its own by yes', async () => {
    const { repos } = await load(carried('archive: yes\n    path: el9/a'))
    expect(repos).toMatchObject([{ path: 'el9/a', archive: 'el9/a', baseurl: [], local: [], merge: [] }])
    expect((await load(carried('archive: el$r/a/\n    vars: { r: 9 }'))).repos).toMatchObject([
      { path: 'a', archive: 'el9/a' },
    ])
  })

  it('has no schedule, whatever the default is', async () => {
    const { repos } = await load(`defaults: { schedule: "@daily" }\n${carried('archive: yes')}`)
    expect(repos.map(({ timing }) => timing)).toEqual([undefined])
  })

  it('asks for no signatures of packages, whatever the default is', async () => {
    const { repos } = await load(`defaults: { gpgcheck: yes }\n${carried('archive: yes')}`)
    expect(repos.map(({ gpgcheck }) => gpgcheck)).toEqual([false])
  })

  refuses(
    [
      'signatures of its packages',
      carried('archive: yes\n    gpgcheck: yes\n    gpgkey: https://h/key'),
      '5:15: repos.a.gpgcheck: the signatures of packages that come in an archive are not checked; write repo_gpgcheck: yes, by which the archive has to be signed',
    ],
    [
      'an upstream beside it',
      carried('baseurl: http://h/\n    archive: yes'),
      '5:5: repos.a: archive and baseurl exclude each other; leave one out',
    ],
    [
      'a path that is none',
      carried('archive: ../a'),
      '4:14: repos.a.archive: `../a` has a part that begins with a dot; write yes, or a path such as centos/9',
    ],
  )
})
