import { describe } from 'vitest'
import { refuses, repo } from './configuration.ts'

describe('baseurl', () => {
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
      'a query',
      'root: www\nrepos: { a: { baseurl: "http://h/?a=b" } }\n',
      '2:24: repos.a.baseurl: `http://h/?a=b` has a ? or # in it; end it with a folder',
    ],
    [
      'a name and password, which are not shown',
      'root: www\nrepos: { a: { baseurl: "http://me:canary@h/" } }\n',
      '2:24: repos.a.baseurl: `http://...@h/` holds a name or password, which is not supported yet; leave them out',
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
