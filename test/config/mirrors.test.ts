import { describe, expect, it } from 'vitest'
import { load, mistakesIn } from './configuration.ts'

const one = async (keys: string) => {
  const { repos, warnings } = await load(`root: www\nrepos:\n  a: { ${keys} }\n`)
  const { list, baseurl, mirrored } = repos[0]!
  return { list, baseurl, mirrored, warnings: warnings.map(String) }
}

describe('metalink and mirrorlist', () => {
  it.each([
    ['metalink: "https://h/m"', { kind: 'metalink', url: 'https://h/m' }],
    ['mirrorlist: "https://h/m?a=b"', { kind: 'mirrorlist', url: 'https://h/m?a=b' }],
    ['mirrorlist: "https://h/metalink?a=b"', { kind: 'metalink', url: 'https://h/metalink?a=b' }],
  ])('%s suffices, and says what it is as dnf has it', async (keys, list) => {
    expect(await one(keys)).toMatchObject({ list, baseurl: [], warnings: [] })
  })

  it('a metalink counts before a mirrorlist, with a warning; a baseurl beside it counts, too', async () => {
    const all = 'baseurl: "https://b/", metalink: "https://h/m", mirrorlist: "https://h/l"'
    expect(await one(all)).toMatchObject({
      list: { kind: 'metalink', url: 'https://h/m' },
      baseurl: ['https://b/'],
      warnings: [expect.stringContaining('mirrorlist: passed over, as dnf does where there is a metalink')],
    })
  })

  it('the same holds in a .repo file', async () => {
    const { repos, warnings } = await load({
      'mirror.yaml': 'root: www\ninclude: [{ files: ./a.repo }]\n',
      'a.repo': '[a]\nmirrorlist=https://h/l\nmetalink=https://h/m\nfastestmirror=1\nmax_downloads_per_mirror=2\n',
    })
    expect(repos).toMatchObject([
      { list: { kind: 'metalink', url: 'https://h/m' }, mirrored: { fastestMirror: true, maxDownloadsPerMirror: 2 } },
    ])
    expect(warnings.map(String)).toEqual([expect.stringContaining('mirrorlist')])
  })

  it('none of the three is a mistake, and so is a list that proves nothing where trust is required', async () => {
    expect(await mistakesIn('root: www\nrepos: { a: { fastestmirror: yes } }\n')).toEqual([
      'mirror.yaml:2:10: repos.a: baseurl is missing; write baseurl and the URL of the upstream',
    ])
    expect(await mistakesIn('root: www\nrepos: { a: { metalink: "http://h/m", trust: required } }\n')).toEqual([
      expect.stringContaining('trust is required, and http: proves nothing'),
    ])
  })

  it('how mirrors are chosen has dnf’s defaults', async () => {
    const keys = 'metalink: "https://h/m", alternates_max_age: 1d, fastestmirror: yes, skip_if_unavailable: yes'
    expect((await one('metalink: "https://h/m"')).mirrored).toEqual({
      alternatesMaxAgeMs: 3 * 86_400_000,
      fastestMirror: false,
      skipIfUnavailable: false,
    })
    expect((await one(keys)).mirrored).toEqual({
      alternatesMaxAgeMs: 86_400_000,
      fastestMirror: true,
      skipIfUnavailable: true,
    })
  })
})
