import { describe, expect, it } from 'vitest'
import { load, refuses, repo } from './configuration.ts'

describe('baseurl', () => {
  it('may hold a name, a password and a token, which stand nowhere that is shown', async () => {
    const url = 'https://me:can%40ary@h/x?canary=1~exp'
    const { repos } = await load(`root: www\nrepos: { a: { baseurl: ["${url}", "http://i/"] } }\n`)
    expect(repos[0]).toMatchObject({
      baseurl: ['https://h/x/', 'http://i/'],
      access: { urls: [{ url: 'https://h/x/', login: { username: 'me', password: '***' }, token: '***' }] },
    })
  })

  refuses(
    [
      'no baseurl',
      'root: www\nrepos: { a: { name: A } }\n',
      '2:10: repos.a: baseurl is missing; write baseurl and the URL of the upstream',
    ],
    [
      'an empty list of them',
      'root: www\nrepos: { a: { baseurl: [] } }\n',
      '2:10: repos.a: baseurl is missing; write baseurl and the URL of the upstream',
    ],
    [
      'another protocol',
      'root: www\nrepos: { a: { baseurl: "ftp://h/" } }\n',
      '2:24: repos.a.baseurl: `ftp://h/` begins with ftp:; write http://, https:// or file:///',
    ],
    [
      'no protocol',
      'root: www\nrepos: { a: { baseurl: mirror.example/x } }\n',
      '2:24: repos.a.baseurl: `mirror.example/x` is not a URL; write http://, https:// or file:///, or a folder such as ./os',
    ],
    [
      'several in one string',
      'root: www\nrepos: { a: { baseurl: "http://h/ http://i/" } }\n',
      '2:24: repos.a.baseurl: `http://h/ http://i/` has a space in it; write several URLs as a list',
    ],
    [
      'a place within a file',
      'root: www\nrepos: { a: { baseurl: "http://h/#a" } }\n',
      '2:24: repos.a.baseurl: `http://h/#a` has a # in it; end it with a folder',
    ],
    [
      'a password without a name, which is not shown',
      'root: www\nrepos: { a: { baseurl: "http://:canary@h/" } }\n',
      '2:24: repos.a.baseurl: `http://...@h/` has a password and no name; write name:password@',
    ],
    [
      "zypper's file of credentials",
      'root: www\nrepos: { a: { baseurl: "https://h/x?credentials=SCC" } }\n',
      "2:24: repos.a.baseurl: `https://h/x?...` names zypper's file of credentials; write username: and password_file: instead",
    ],
    [
      'a folder with a query',
      'root: www\nrepos: { a: { baseurl: "file:///x?canary" } }\n',
      '2:24: repos.a.baseurl: `file:///x?...` has a ? in it; end it with a folder',
    ],
    [
      "another host's folder",
      'root: www\nrepos: { a: { baseurl: "file://h/x" } }\n',
      '2:24: repos.a.baseurl: `file://h/x` names the host h; write file:///folder',
    ],
    [
      'an upstream without trust',
      repo('trust: required'),
      '4:14: repos.a.baseurl: trust is required, and http: proves nothing; write https://, or repo_gpgcheck: yes with gpgkey:, or trust: any',
    ],
    [
      'a folder without trust',
      'root: www\ndefaults: { trust: required }\nrepos: { a: { baseurl: [https://h/, ./x] } }\n',
      '3:37: repos.a.baseurl[1]: trust is required, and file: proves nothing; write https://, or repo_gpgcheck: yes with gpgkey:, or trust: any',
    ],
  )
})
