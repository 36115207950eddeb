import { describe, expect, it } from 'vitest'
import { load, refuses } from './configuration.ts'

function merge(keys: string): string {
  return `root: www\nrepos:\n  a:\n    ${keys}\n`
}

describe('merge', () => {
  it('is a list of upstreams, with variables, in place of a baseurl', async () => {
    const { repos } = await load(merge('merge: [http://h/$r/os, ./more]\n    vars: { r: 9 }\n    duplicates: first'))
    const urls = ['http://h/9/os/', 'file://DIR/more/']
    expect(repos).toMatchObject([{ id: 'a', baseurl: [], local: [], merge: urls, duplicates: 'first' }])
  })

  it('has metadata of its own, whatever the default is', async () => {
    const { repos } = await load(`defaults: { metadata: upstream }\n${merge('merge: [http://h/a, http://h/b]')}`)
    expect(repos).toMatchObject([{ metadata: 'generate' }])
  })

  refuses(
    [
      'one upstream',
      merge('merge: http://h/'),
      '4:12: repos.a: merge names fewer than two upstreams; write baseurl for one',
    ],
    [
      'an upstream beside it',
      merge('baseurl: http://h/\n    merge: [http://h/a, http://h/b]'),
      '5:5: repos.a: merge and baseurl exclude each other; leave one out',
    ],
    [
      'what is no URL',
      merge('merge: [http://h/a, h]'),
      '4:25: repos.a.merge[1]: `h` is not a URL; write http://, https:// or file:///, or a folder such as ./os',
    ],
    [
      'upstream’s own metadata',
      merge('merge: [http://h/a, http://h/b]\n    metadata: upstream'),
      '5:15: repos.a.metadata: with merge there is no one upstream whose metadata could be published; leave it out',
    ],
    [
      'http where trust is required',
      merge('merge: [https://h/a, http://h/b]\n    trust: required'),
      '4:26: repos.a.merge[1]: trust is required, and http: proves nothing; write https://, or repo_gpgcheck: yes with gpgkey:, or trust: any',
    ],
  )
})
