// biome-ignore-all lint/suspicious/noTemplateCurlyInString: dnf's variables look like that
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { exitStatus } from '../../src/errors.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'
import { load, mistakesIn, repo } from './configuration.ts'

describe('a configuration', () => {
  it('has a default for everything but root and the upstream', async () => {
    expect(await load(repo('name: A'))).toEqual({
      file: 'DIR/mirror.yaml',
      channels: [],
      root: 'DIR/www',
      state: 'DIR/state',
      listen: { host: '127.0.0.1', port: 8080 },
      serving: {},
      workers: 2,
      maxConnectionsPerHost: 16,
      workerHeapMb: 1024,
      disk: { minFree: 0 },
      scrubMs: 30 * 86_400_000,
      admin: { socket: 'DIR/state/admin.sock' },
      warnings: [],
      repos: [
        {
          id: 'a',
          name: 'A',
          path: 'a',
          baseurl: ['http://h/'],
          merge: [],
          local: [],
          selection: {
            arch: ['x86_64', 'athlon', 'i686', 'i586', 'i486', 'i386', 'noarch'],
            includepkgs: [],
            excludepkgs: [],
            withDeps: 'no',
            newestOnly: false,
            source: 'no',
            debug: 'also',
            minAgeMs: 0,
            age: 'first_seen',
          },
          duplicates: 'keep',
          removed: { policy: 'drop' },
          updateinfo: 'all',
          comps: 'all',
          kickstart: 'no',
          extraFiles: [],
          onMissing: 'fail',
          layout: 'packages',
          compression: 'upstream',
          databases: false,
          readableBy: 'dnf',
          mirrored: { alternatesMaxAgeMs: 3 * 86_400_000, fastestMirror: false, skipIfUnavailable: false },
          moduleHotfixes: false,
          retainMs: 72 * 3_600_000,
          retainGenerations: 0,
          maxDelete: { percent: 30 },
          disk: { minFree: 0 },
          trust: 'any',
          gpgcheck: false,
          repoGpgcheck: false,
          gpgkey: [],
          fingerprints: [],
          weakDigests: false,
          maxShrinkPercent: 30,
          metadata: 'generate',
          transfer: { maxParallelDownloads: 16, retries: 10, timeoutMs: 30_000, minrate: 1000, retryDelayMs: 1000 },
          access: {
            urls: [],
            headers: [],
            tls: { verify: true },
            certificateWarningMs: 30 * 86_400_000,
            privateNetworks: [],
            way: { proxy: 'environment' },
          },
          hooks: { timeoutMs: 60_000 },
          at: 'DIR/mirror.yaml:3:3',
        },
      ],
    })
  })

  it('keeps every value that is given', async () => {
    const keys = [
      'path: x//y/',
      'arch: i686, x86_64',
      'keep: 3',
      'includepkgs: nginx*, bash',
      'excludepkgs: ["*-debuginfo"]',
      'with_deps: yes',
      'source: also',
      'debug: no',
      'min_buildtime: 2024-01-31',
      'min_age: 7d',
      'age: build',
      'duplicates: newest',
      'removed: keep 90d',
      'updateinfo: present',
      'kickstart: auto',
      'extra_files: EULA, RPM-GPG-KEY-$basearch*',
      'on_missing: prune',
      'layout: upstream',
      'compression: zstd',
      'retain: 30s',
      'fresh_within: 26h',
      'max_shrink: 100%',
      'max_parallel_downloads: 2',
      'retries: 1',
      'timeout: 0.2',
      'minrate: 1k',
      'retry_delay: 0',
      'user_agent: me/1 (x)',
    ]
    const { repos } = await load(repo(keys.join('\n    ')))
    expect(repos[0]).toMatchObject({
      path: 'x/y',
      selection: {
        arch: ['i686', 'x86_64', 'noarch'],
        includepkgs: ['nginx*', 'bash'],
        excludepkgs: ['*-debuginfo'],
        withDeps: 'required',
        newestOnly: false,
        keep: 3,
        source: 'also',
        debug: 'no',
        minBuildTime: 1_706_659_200,
        minAgeMs: 7 * 86_400_000,
        age: 'build',
      },
      duplicates: 'newest',
      removed: { policy: 'keep', forMs: 90 * 86_400_000 },
      kickstart: 'auto',
      extraFiles: ['EULA', 'RPM-GPG-KEY-x86_64*'],
      onMissing: 'prune',
      layout: 'upstream',
      compression: 'zstd',
      retainMs: 30_000,
      freshWithinMs: 26 * 3_600_000,
      maxShrinkPercent: 100,
      transfer: {
        maxParallelDownloads: 2,
        retries: 1,
        timeoutMs: 200,
        minrate: 1024,
        retryDelayMs: 0,
        userAgent: 'me/1 (x)',
      },
    })
  })

  it.each([
    ['el6', { compression: 'gz', databases: true, readableBy: 'yum' }],
    ['el7', { compression: 'gz', databases: false, readableBy: 'yum' }],
    ['modern', { compression: 'upstream', databases: false, readableBy: 'dnf' }],
    ['el6\n    compression: none\n    databases: no', { compression: 'none', databases: false, readableBy: 'yum' }],
  ])('takes for compat: %s what is not said otherwise', async (compat, expected) => {
    const { repos } = await load(repo(`compat: ${compat}`))
    expect(repos[0]).toMatchObject(expected)
  })

  it('makes four repositories of a matrix of two by two, each with the arches of its basearch', async () => {
    const { repos } = await load(`
root: /srv/mirror/www
repos:
  appstream:
    baseurl: http://mirror.example/$stream/AppStream/$basearch/os
    matrix: { stream: [8-stream, 9-stream], basearch: [x86_64, aarch64] }
    path: centos/$stream/AppStream/$basearch
`)
    expect(repos.map(({ id, path, baseurl, selection }) => [id, path, baseurl[0], selection.arch.length])).toEqual([
      [
        'appstream-8-stream-x86_64',
        'centos/8-stream/AppStream/x86_64',
        'http://mirror.example/8-stream/AppStream/x86_64/os/',
        7,
      ],
      [
        'appstream-8-stream-aarch64',
        'centos/8-stream/AppStream/aarch64',
        'http://mirror.example/8-stream/AppStream/aarch64/os/',
        2,
      ],
      [
        'appstream-9-stream-x86_64',
        'centos/9-stream/AppStream/x86_64',
        'http://mirror.example/9-stream/AppStream/x86_64/os/',
        7,
      ],
      [
        'appstream-9-stream-aarch64',
        'centos/9-stream/AppStream/aarch64',
        'http://mirror.example/9-stream/AppStream/aarch64/os/',
        2,
      ],
    ])
  })

  it('takes the strongest of several settings and variables', async () => {
    const { repos } = await load({
      'mirror.yaml': `
root: www
vars: { g: global, i: global, r: global, m: global }
defaults: { retain: 1h, keep: 2, timeout: 1 }
include: [{ files: [a.repo], vars: { i: include }, defaults: { retain: 2h, newest_only: no } }]
repos:
  a:
    baseurl: http://h/$h/$g/$i/$r/$m/
    vars: { r: repo, m: repo }
    matrix: { m: [matrix] }
    newest_only: yes
`,
      'a.repo': '[b]\nbaseurl=http://h/$h/$g/$i/$r/$m/\ntimeout=3\n',
      'vars/h': 'host\n',
      'vars/g': 'host\n',
    })
    expect(
      repos.map((repo) => [repo.id, repo.baseurl[0], repo.retainMs, repo.selection.keep, repo.transfer.timeoutMs]),
    ).toEqual([
      ['a-matrix', 'http://h/host/global/global/repo/matrix/', 3_600_000, 1, 1000],
      ['b', 'http://h/host/global/include/global/global/', 7_200_000, undefined, 3000],
    ])
  })

  it('derives the parts of releasever where it is set, unless they are set with it', async () => {
    const { repos } = await load(`
root: www
vars: { releasever: "9.4", releasever_minor: four }
repos:
  a: { baseurl: http://h/$releasever_major/$releasever_minor }
  b: { baseurl: http://h/$releasever_major/$releasever_minor, matrix: { releasever: ["10.1.2"] } }
`)
    expect(repos.map(({ baseurl }) => baseurl[0])).toEqual(['http://h/9/four/', 'http://h/10/1.2/'])
  })

  it('reads folders as URLs, relative to the file', async () => {
    const { repos } = await load('root: www\nrepos: { a: { baseurl: [./a b, ./x/../c, /d, "file:///e%20f"] } }\n')
    expect(repos[0]!.baseurl).toEqual(
      ['file://DIR/a%20b/', 'file://DIR/c/', 'file:///d/', 'file:///e%20f/'].map(normal),
    )
    function normal(url: string): string {
      return url
    }
  })

  it('passes over what is switched off', async () => {
    const { repos, warnings } = await load('root: www\nrepos: { a: { enabled: no, nonsense: 1 } }\n')
    expect([repos, warnings]).toEqual([[], ['DIR/mirror.yaml:1:1: no repository is enabled']])
  })

  it('warns of a glob that matches no file', async () => {
    const { warnings } = await load('root: www\ninclude: [{ files: [repos.d/*.repo] }]\n')
    expect(warnings[0]).toBe('DIR/mirror.yaml:2:21: include[0].files[0]: no file matches `repos.d/*.repo`')
  })

  it('reads each file of an include once, in the order of their names', async () => {
    const { repos } = await load({
      'mirror.yaml': 'root: www\ninclude: [{ files: [b.repo, "*.repo"] }]\n',
      'a.repo': '[a]\nbaseurl=http://h/\n',
      'b.repo': '[b]\nbaseurl=http://h/\n',
    })
    expect(repos.map(({ id }) => id)).toEqual(['b', 'a'])
  })

  it('tells every mistake of every file at once', async () => {
    const mistakes = await mistakesIn({
      'mirror.yaml':
        'workers: no\ninclude: [{ files: [a.repo] }]\nrepos:\n  b: { baseurl: http://h/$x, arhc: [x86_64] }\n',
      'a.repo': '[a]\ngpgcheck=1\nbaseurl=http://h/\n',
    })
    expect(mistakes).toEqual([
      'mirror.yaml:1:1: root is missing; write root: and the folder that is served',
      'mirror.yaml:1:10: workers: expected a whole number from 1 to 64, found `no`',
      'mirror.yaml:4:17: repos.b.baseurl: $x is not defined; add vars: { x: "..." } or write ${x:-default}',
      'mirror.yaml:4:30: repos.b.arhc: unknown key; did you mean arch?',
      'a.repo:2:10: a.gpgcheck: no gpgkey says whose signatures count; write gpgkey: and the files or URLs of the keys that upstream signs with',
    ])
  })

  it.each([
    [
      'a file that is larger than 1 MiB',
      '#'.repeat(1024 * 1024 + 1),
      'the configuration is larger than 1 MiB; is it the right file?',
    ],
    ['a file that is not UTF-8', new Uint8Array([0x61, 0xff]), 'the configuration is not UTF-8 text; save it as UTF-8'],
  ])('refuses %s', async (_, content, what) => {
    expect(await mistakesIn({ 'mirror.yaml': content })).toEqual([`mirror.yaml: ${what}`])
  })

  it('refuses a folder and a missing file in one line, with the exit status of a configuration', async () => {
    await using folder = await makeTemporaryFolder()
    const message = async (file: string) =>
      loadConfig(file).catch((error: unknown) => [exitStatus(error), String(error)])
    const line = (file: string, why: string) =>
      `ConfigError: ${file}: the configuration cannot be read: ${why}; name a readable file`
    expect(await message(folder.path)).toEqual([2, line(folder.path, 'it is a directory')])
    expect(await message(`${folder.path}/x`)).toEqual([2, line(`${folder.path}/x`, 'no such file or directory')])
  })
})
