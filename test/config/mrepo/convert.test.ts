import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { loadConfig } from '../../../src/config/load.ts'
import { Mistakes } from '../../../src/config/mistakes.ts'
import { convertMrepo } from '../../../src/config/mrepo/convert.ts'
import { unbuilt } from '../../../src/config/unbuilt.ts'
import { makeTemporaryFolder } from '../../helpers/temporary.ts'

/** What is made of files, `mrepo.conf` the first; DIR in them and in the notes is their folder. What is made always loads. */
async function convert(files: Record<string, string>) {
  await using folder = await makeTemporaryFolder()
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder.path, name)), { recursive: true })
    await writeFile(join(folder.path, name), text.replaceAll('DIR', folder.path))
  }
  const { yaml, notes } = await convertMrepo(join(folder.path, 'mrepo.conf'), new Mistakes())
  await writeFile(join(folder.path, 'mirror.yaml'), yaml)
  const { warnings } = await loadConfig(join(folder.path, 'mirror.yaml'), {
    varsFolders: [],
    home: join(folder.path, 'home'),
  })
  const here = (text: string) => text.replaceAll(`${folder.path}/`, '')
  return { made: parse(here(yaml)), yaml: here(yaml), notes: notes.map(here), warnings }
}

const main = '[main]\nsrcdir = DIR/src\nwwwdir = DIR/www\nconfdir = DIR/conf.d\n'
const always = [
  'mrepo.conf:3: [main] wwwdir: it becomes root, which must be empty at first: move what is there away, or name another folder',
]
const all = (line: number, section = 'd', file = 'mrepo.conf') =>
  `${file}:${line}: [${section}]: RPMS.all, of all its repositories together, is not made: a repository with merge: is one`

describe('of a configuration of mrepo is made', () => {
  test('a repository for each repository and arch, where its clients find it', async () => {
    const { made, notes } = await convert({
      'mrepo.conf': `${main}arch = i386\n`,
      'conf.d/el6.conf':
        '[el6]\nname = EL $release ($arch)\nrelease = 6\narch = i386 x86_64\nupdates = http://h/$release/$repo/$arch\ncustom =\n',
      'conf.d/old-ppc64.conf': '[old-ppc64]\nextras = reposyncs://h/$dist/$nick/\n',
      'conf.d/passed.over': '[no',
    })
    const el6 = (arch: string) => ({
      [`el6-${arch}-updates`]: {
        name: `EL 6 (${arch}) updates`,
        baseurl: `http://h/6/updates/${arch}/`,
        path: `el6-${arch}/RPMS.updates`,
        vars: { basearch: arch },
        debug: 'no',
      },
      [`el6-${arch}-custom`]: {
        name: `EL 6 (${arch}) custom`,
        local: `src/el6-${arch}/custom`,
        path: `el6-${arch}/RPMS.custom`,
        vars: { basearch: arch },
      },
    })
    expect(made).toEqual({
      root: 'www',
      state: 'mirror-state',
      repos: {
        ...el6('i386'),
        ...el6('x86_64'),
        'old-ppc64-extras': {
          name: 'old extras',
          baseurl: 'https://h/old/old-ppc64/',
          path: 'old-ppc64/RPMS.extras',
          vars: { basearch: 'ppc64' },
        },
      },
    })
    expect(notes).toEqual([...always, all(1, 'el6', 'conf.d/el6.conf'), all(1, 'old-ppc64', 'conf.d/old-ppc64.conf')])
  })

  test('what transfers are told, for the repositories that these read', async () => {
    const { made, notes } = await convert({
      'mrepo.conf': `${main}lftp-cleanup = no\nlftp-exclude-debug = no\nlftp-exclude-srpm = off\nlftp-timeout = 90
reposync-newest-only = yes\nreposync-cleanup = 0\ncreaterepo-options = --pretty -d --update -s sha --nothing\n[d]\narch = x86_64\na = http://h/a/\nb = reposync://h/b/\nc = file:///srv/c/\n`,
    })
    expect(made.defaults).toEqual({ databases: true, timeout: '90' })
    expect(made.repos['d-x86_64-a']).toMatchObject({ source: 'also', removed: 'keep' })
    expect(made.repos['d-x86_64-a'].debug).toBeUndefined()
    expect(made.repos['d-x86_64-b']).toMatchObject({ baseurl: 'http://h/b/', newest_only: true, removed: 'keep' })
    expect(made.repos['d-x86_64-c']).toEqual({
      name: 'd c',
      local: '/srv/c',
      path: 'd-x86_64/RPMS.c',
      vars: { basearch: 'x86_64' },
    })
    expect(notes[1]).toBe(
      "mrepo.conf:11: [main] createrepo-options: -s sha --nothing: not passed on; metadata is made of upstream's own, see metadata:, compat:, compression: and groupfile:",
    )
  })

  test('one of several upstreams, and of another repository what that has', async () => {
    const { made, notes } = await convert({
      'mrepo.conf': `${main}[d]\narch = x86_64\na = http://h/a/\nb = http://h/b\nmerge = mrepo://$nick/a/\n\tmrepo://$nick/b/\n  http://h/b/
same = mrepo://d-x86_64/own/\nown =\nfar = mrepo://e-x86_64/a/\nloop = mrepo://d-x86_64/loop/\nmixed = http://h/m/ /srv/m\n`,
    })
    expect(made.repos['d-x86_64-merge'].merge).toEqual(['http://h/a/', 'http://h/b/'])
    expect(made.repos['d-x86_64-same'].local).toEqual('src/d-x86_64/own')
    expect(made.repos['d-x86_64-mixed']).toMatchObject({ baseurl: 'http://h/m/' })
    expect(Object.keys(made.repos)).not.toContain('d-x86_64-far')
    expect(notes.slice(2)).toEqual([
      'mrepo.conf:14: [d] far: there is no repository a of e-x86_64',
      'mrepo.conf:15: [d] loop: it comes back to itself',
      'mrepo.conf:16: [d] mixed: a repository has an upstream or local folders, not both: /srv/m is left out',
    ])
  })

  test('variables of their own, interpolation and what is disabled', async () => {
    const { made } = await convert({
      'mrepo.conf': `${main}[variables]\nsite = http://$\{where}\n[vars]\nwhere = h\n[DEFAULT]\nend = x\n[d]\narch = x86_64\ndisabled = yes\ntail = ab\na = $site/%(tail)s/\n[e]\narch = none\nb = $site/`,
    })
    expect(made.repos['d-x86_64-a']).toMatchObject({ enabled: false, baseurl: 'http://h/ab/' })
    expect(made.repos['e-b']).toMatchObject({ baseurl: 'http://h/', path: 'e/RPMS.b' })
  })
})

test('a proxy and a rate are carried over, or told, where there are no such keys', async () => {
  const { made, notes } = await convert({
    'mrepo.conf': `${main}http_proxy = http://p:3128/\nhttps_proxy = http://q:3128/\nlftp-bandwidth-limit = 5000\n`,
  })
  const both =
    'mrepo.conf:6: [main] https_proxy: a repository has one proxy here: http_proxy is taken, write proxy: where it is another one'
  expect(notes).toContain(both)
  for (const [key, value] of [
    ['proxy', 'http://p:3128/'],
    ['throttle', '5000'],
  ] as const)
    if (key in unbuilt) expect(notes).toContainEqual(expect.stringMatching(`: ${key}: is not supported yet$`))
    else expect(made.defaults[key]).toBe(value)
})

test('every line without a counterpart is told with its file and line, and no password', async () => {
  const { yaml, notes } = await convert({
    'mrepo.conf': `${main}mailto = a@b\nrhnlogin = user:geheim\nhardlink = yes\nrsync-options = -rtHL\nnosuch = 1\nhtmldir =
arch = i386\nArch = x86_64\nmetadata = apt repomd yum repoview fish\n[repos]\nx = 1
[d]\nrelease = 6\niso = d$release.iso\nsystemid = x\npromoteepoch = no\nrh = rhns:///channel\nsync = rsync://h/a/ ftp://h/b/
you = you://h/\nodd = gopher://h/\nvar = http://h/$nothing/\nlogin = https://user:geheim@h/a/\nquery = http://h/?a\nrpms = http://h/RPMS.os/\nall = http://h/
dir = srv/x\nbad = %(nothing)s\n`,
    'conf.d/b.conf': '[main]\nsrcdir = /elsewhere\n[d]\nlogin = http://h/other/\n',
  })
  expect(notes).toEqual([
    ...always,
    'mrepo.conf:5: [main] mailto: no mail is sent: on_publish and on_failure run a program that may',
    'mrepo.conf:6: [main] rhnlogin: it is for URLs that are not read here',
    'mrepo.conf:7: [main] hardlink: every content is stored once, whichever repositories have it',
    'mrepo.conf:8: [main] rsync-options: it is for URLs that are not read here',
    'mrepo.conf:9: [main] nosuch: mrepo itself has no such option',
    'mrepo.conf:11: arch: a later line of the section says it again, which counts',
    'mrepo.conf:13: [main] metadata: metadata of apt-rpm is not made',
    'mrepo.conf:13: [main] metadata: old-style metadata of yum 2 is not made',
    'mrepo.conf:13: [main] metadata: pages of repoview are not made: the server lists folders',
    'mrepo.conf:13: [main] metadata: mrepo knows no metadata of kind fish',
    'mrepo.conf:15: [repos] x: mrepo does not read it there',
    all(16),
    'mrepo.conf:18: [d] iso: images are not read here: mount them and name the folder in local:, or take the tree from an upstream with kickstart: yes',
    'mrepo.conf:19: [d] systemid: RHN is not spoken here, and was switched off',
    "mrepo.conf:20: [d] promoteepoch: records are upstream's own, epochs among them",
    'mrepo.conf:21: [d] rh: RHN is not spoken here, and was switched off; a baseurl of cdn.redhat.com with a client certificate has these packages',
    'mrepo.conf:22: [d] sync: rsync:// is not read here, http and https are: most upstreams have the same at such a URL',
    'mrepo.conf:22: [d] sync: ftp:// is not read here, http and https are: most upstreams have the same at such a URL',
    'mrepo.conf:23: [d] you: YaST Online Update is not spoken here; a baseurl of scc.suse.com or of an RMT server has these packages',
    'mrepo.conf:24: [d] odd: gopher:// is no kind of URL that mrepo knows',
    'mrepo.conf:25: [d] var: it is no URL, or has a variable that nothing sets',
    'mrepo.conf:26: [d] login: the name and password in the URL are left out: write username: and password: of the repository by hand',
    'mrepo.conf:27: [d] query: a URL with ? or # is no folder that packages can be asked of',
    'mrepo.conf:28: [d] rpms: mrepo takes a folder of packages there, mirror needs the repository that they belong to: is its repodata/ there, or one level up?',
    'mrepo.conf:29: [d] all: mrepo mirrors nothing under this name',
    'mrepo.conf:30: [d] dir: a folder must be named by its whole path',
    'mrepo.conf:31: [d] bad: it has a %(name)s that is no option, at which mrepo stops; left out',
    'conf.d/b.conf:2: [main] srcdir: mrepo does not read it there',
    all(3, 'd', 'conf.d/b.conf'),
    'conf.d/b.conf:4: [d] login: there is a repository d-x86_64-login already',
  ])
  expect(yaml).not.toContain('geheim')
})
