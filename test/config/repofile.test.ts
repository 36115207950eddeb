// biome-ignore-all lint/suspicious/noTemplateCurlyInString: dnf's variables look like that
import { describe, expect, it } from 'vitest'
import { load, mistakesIn } from './configuration.ts'

/** Loads .repo files as an include of a configuration has them. */
const including = (repoFile: string, include = 'vars: { releasever: "9" }') => ({
  'mirror.yaml': `root: www\ninclude: [{ files: ./a.repo, ${include} }]\n`,
  'a.repo': repoFile,
})

const fedora = `[fedora]
name=Fedora $releasever - $basearch
#baseurl=http://download.example/pub/fedora/linux/releases/$releasever/Everything/$basearch/os/
metalink=https://mirrors.fedoraproject.org/metalink?repo=fedora-$releasever&arch=$basearch
enabled=1
countme=1
metadata_expire=7d
repo_gpgcheck=0
type=rpm
gpgcheck=1
gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-fedora-$releasever-$basearch
skip_if_unavailable=False

[fedora-debuginfo]
name=Fedora $releasever - $basearch - Debug
metalink=https://mirrors.fedoraproject.org/metalink?repo=fedora-debug-$releasever&arch=$basearch
enabled=0
gpgcheck=1
`

const centos = `# CentOS-Base.repo
#
# The mirror system uses the connecting IP address of the client and the
# update status of each mirror to pick mirrors.

[baseos]
name=CentOS Linux $releasever - BaseOS
#mirrorlist=http://mirrorlist.centos.org/?release=$releasever&arch=$basearch&repo=BaseOS&infra=$infra
baseurl=http://mirror.centos.org/$contentdir/$releasever/BaseOS/$basearch/os/
gpgcheck=1
enabled=1
gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-centosofficial
`

const epel = `[epel]
name=Extra Packages for Enterprise Linux $releasever - $basearch
# It is much more secure to use the metalink, but if you wish to use a local mirror
# place its address here.
baseurl=https://download.example/pub/epel/\${releasever_major}\${releasever_minor:+.$releasever_minor}/Everything/$basearch/
enabled=1
gpgcheck=0
countme=1
failovermethod=priority
exclude=kernel* zabbix*,
 nagios*
max_parallel_downloads=5
minrate=10k
timeout=1m

[epel-source]
name=Extra Packages for Enterprise Linux $releasever - $basearch - Source
metalink=https://mirrors.fedoraproject.org/metalink?repo=epel-source-$releasever&arch=$basearch
enabled=0
gpgcheck=1
`

const suse = `[repo-oss]
name=Main Repository (OSS)
enabled=1
autorefresh=1
baseurl=http://download.opensuse.org/distribution/leap/$releasever/repo/oss/
type=rpm-md
keeppackages=0
gpgcheck=0
`

describe('a .repo file', () => {
  it('of Fedora is refused for what it asks for, its disabled sections are not', async () => {
    expect(await mistakesIn(including(fedora))).toEqual([
      'a.repo:11:8: fedora.gpgkey: Cannot read `/etc/pki/rpm-gpg/RPM-GPG-KEY-fedora-9-x86_64`: no such file or directory; name the file of a public key',
    ])
  })

  it('of CentOS takes the variables of the host', async () => {
    const files = { ...including(centos.replace('gpgcheck=1', 'gpgcheck=0')), 'vars/contentdir': 'centos\n' }
    const { repos, warnings } = await load(files)
    expect(warnings).toEqual([])
    expect(repos.map(({ id, name, baseurl, at }) => ({ id, name, baseurl, at }))).toEqual([
      {
        id: 'baseos',
        name: 'CentOS Linux 9 - BaseOS',
        baseurl: ['http://mirror.centos.org/centos/9/BaseOS/x86_64/os/'],
        at: 'DIR/a.repo:6:1',
      },
    ])
  })

  it("of EPEL keeps dnf's options, its own values before the defaults", async () => {
    const { repos, warnings } = await load(
      including(epel, 'vars: { releasever: "9" }, defaults: { timeout: 5, retries: 3 }'),
    )
    expect(warnings).toEqual([])
    expect(repos).toHaveLength(1)
    const { baseurl, path, selection, transfer } = repos[0]!
    expect(baseurl).toEqual(['https://download.example/pub/epel/9/Everything/x86_64/'])
    expect(path).toBe('epel')
    expect(selection.excludepkgs).toEqual(['kernel*', 'zabbix*', 'nagios*'])
    expect(transfer).toMatchObject({ maxParallelDownloads: 5, minrate: 10_240, timeoutMs: 60_000, retries: 3 })
  })

  it('of openSUSE loads as it is', async () => {
    const { repos, warnings } = await load(including(suse, 'vars: { releasever: "15.6" }'))
    expect(warnings).toEqual([])
    expect(repos[0]!.baseurl).toEqual(['http://download.opensuse.org/distribution/leap/15.6/repo/oss/'])
  })

  it('makes several repositories of each section with the matrix of its include', async () => {
    const { repos } = await load(including(epel, 'matrix: { releasever: [8, 10.1] }'))
    expect(repos.map(({ id, path, baseurl }) => [id, path, baseurl[0]])).toEqual([
      ['epel-8', 'epel-8', 'https://download.example/pub/epel/8/Everything/x86_64/'],
      ['epel-10.1', 'epel-10.1', 'https://download.example/pub/epel/10.1/Everything/x86_64/'],
    ])
  })

  it('may hold several URLs and folders, and an id with a variable', async () => {
    const { repos } = await load(including('[a-$basearch]\nbaseurl=http://h/ http://i/,\n ./packages\n'))
    expect(repos[0]).toMatchObject({ id: 'a-x86_64', baseurl: ['http://h/', 'http://i/', 'file://DIR/packages/'] })
  })

  it('is warned about where dnf would pass over something', async () => {
    const { warnings } = await load(
      including('[main]\ngpgcheck=1\n[a]\nbaseurl=http://h/\nbasurl=x\ncolour=blue\nkeep=2\n'),
    )
    expect(warnings).toEqual([
      'DIR/a.repo:1:1: [main] is not read: it holds the options of dnf itself',
      'DIR/a.repo:5:1: a.basurl: unknown key, passed over; did you mean baseurl?',
      'DIR/a.repo:6:1: a.colour: unknown key, passed over',
      'DIR/a.repo:7:1: a.keep: unknown key, passed over',
    ])
  })

  it.each([
    ['name: x', 'a.repo:3:1: this is no key with a value; write key=value'],
    ['\n x', 'a.repo:4:2: an indented line with no value just above to go on with; begin it in the first column'],
    ['[b', 'a.repo:3:1: this is no section; write the id in brackets, such as [epel]'],
    [
      'timeout=soon',
      'a.repo:3:9: a.timeout: expected a duration of 1 ms or more, found `soon`; write seconds or a number with s, m, h or d, such as 30s, 72h or 90d',
    ],
    [
      'sslverifystatus=1',
      'a.repo:3:17: a.sslverifystatus=1 is not supported yet; leave it out: certificates are verified, whether they were revoked is not',
    ],
    ['name=$nope', 'a.repo:3:6: a.name: $nope is not defined; add vars: { nope: "..." } or write ${nope:-default}'],
    ['[b]\nname=B', 'a.repo:3:1: b: baseurl is missing; write baseurl and the URL of the upstream'],
    [
      '[a b]\nbaseurl=http://h/',
      'a.repo:3:1: a b: `a b` cannot be an id; use letters, digits, - _ . and :, and begin with a letter or digit',
    ],
  ])('with %j gets its line', async (line, expected) => {
    expect(await mistakesIn(including(`[a]\nbaseurl=http://h/\n${line}\n`))).toEqual([expected])
  })

  it.each([
    'proxy=_none_',
    'proxy=',
    'sslverify=1',
    'metalink=',
    'username=',
    'ip_resolve=whatever',
    'sslverify=True',
    'throttle=0',
  ])('may ask for nothing: %s', async (line) => {
    const { repos, warnings } = await load(including(`[a]\nbaseurl=http://h/\n${line}\n`))
    expect([repos.length, warnings]).toEqual([1, []])
  })

  it('may not repeat an id of the configuration', async () => {
    const files = including('[a]\nbaseurl=http://h/\n')
    files['mirror.yaml'] += 'repos: { a: { baseurl: http://h/ } }\n'
    expect(await mistakesIn(files)).toEqual([
      'a.repo:1:1: the id `a` is already that of DIR/mirror.yaml:3:10; give each repository its own',
    ])
  })
})
