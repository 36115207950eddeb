import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeTemporaryFolder } from '../helpers/temporary.ts'
import { load, mistakesIn, refuses, repo } from './configuration.ts'

const publicKey = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n-----END PGP PUBLIC KEY BLOCK-----\n'
const privateKey = publicKey.replaceAll('PUBLIC', 'PRIVATE')
const full = '99DB 70FA E1D7 CE22 7FB6 4882 05B5 55B3 8483 C65D'

/** A configuration with one repository `a`, whose keys begin in line 5, and key files beside it. */
function withKeys(keys: string) {
  return { 'mirror.yaml': repo(keys), 'keys/a key': publicKey, 'keys/secret': privateKey, 'keys/none': 'nothing\n' }
}

describe('signatures of an upstream', () => {
  it('are asked for as dnf does it: by files, relative ones too, URLs and variables', async () => {
    const keys = `vars: { at: "http://h" }\n    gpgkey: [./keys/a key, $at/k]\n    fingerprints: ${full}`
    const { repos } = await load(withKeys(`${keys}\n    repo_gpgcheck: yes`))
    expect(repos).toMatchObject([
      {
        gpgcheck: false,
        repoGpgcheck: true,
        gpgkey: ['file://DIR/keys/a%20key', 'http://h/k'],
        fingerprints: ['99db70fae1d7ce227fb6488205b555b38483c65d'],
      },
    ])
  })

  it('of packages are asked for by either of dnf5’s names', async () => {
    const { repos } = await load(repo('pkg_gpgcheck: 1\n    gpgkey: https://h/k'))
    expect(repos).toMatchObject([{ gpgcheck: true, repoGpgcheck: false, gpgkey: ['https://h/k'] }])
  })

  it('are asked for by a .repo file, and count', async () => {
    const section = '[a]\nbaseurl=http://h/\ngpgcheck=1\nrepo_gpgcheck=1\ngpgkey=https://h/a file:///DOES/NOT\n'
    const files = { 'mirror.yaml': 'root: www\ninclude: [{ files: ./a.repo }]\n', 'a.repo': section }
    expect(await mistakesIn(files)).toEqual([
      'a.repo:5:8: a.gpgkey: Cannot read `/DOES/NOT`: no such file or directory; name the file of a public key',
    ])
    const { repos } = await load({ ...files, 'a.repo': section.replace(' file:///DOES/NOT', '') })
    expect(repos).toMatchObject([{ gpgcheck: true, repoGpgcheck: true, gpgkey: ['https://h/a'] }])
  })

  it('are asked of upstreams, not of the folders of a local repository', async () => {
    const yaml = 'root: www\ndefaults: { repo_gpgcheck: yes, gpgkey: https://h/k }\nrepos: { a: { local: rpms } }\n'
    const { repos } = await load(yaml)
    expect(repos).toMatchObject([{ repoGpgcheck: false }])
  })

  it('can vouch where trust is required', async () => {
    const { repos } = await load(repo('trust: required\n    repo_gpgcheck: yes\n    gpgkey: https://h/k'))
    expect(repos).toMatchObject([{ trust: 'required', baseurl: ['http://h/'] }])
  })

  it('that nobody asks for are told where fingerprints are given', async () => {
    const { warnings } = await load(repo(`fingerprints: ${full}`))
    expect(warnings).toEqual([
      'DIR/mirror.yaml:5:19: repos.a.fingerprints: no signature is asked for; write repo_gpgcheck: yes or gpgcheck: yes',
    ])
  })

  it.each([
    ['a file that is not there', 'keys/nope', 'Cannot read `DIR/keys/nope`: no such file or directory'],
    ['a private key', 'keys/secret', "`DIR/keys/secret` is a private key, which belongs nowhere near an upstream's"],
    ['no key', 'keys/none', 'there is no key in `DIR/keys/none`'],
    ['a folder', 'keys', 'Cannot read `DIR/keys`: it is a directory'],
  ])('by %s are refused', async (_, path, what) => {
    expect(await mistakesIn(withKeys(`repo_gpgcheck: yes\n    gpgkey: [./${path}]`))).toEqual([
      `mirror.yaml:6:14: repos.a.gpgkey[0]: ${what}; name the file of a public key`,
    ])
  })

  refuses(
    [
      'signatures by nobody',
      repo('repo_gpgcheck: yes'),
      '5:20: repos.a.repo_gpgcheck: no gpgkey says whose signatures count; write gpgkey: and the files or URLs of the keys that upstream signs with',
    ],
    [
      'a short id',
      repo('repo_gpgcheck: yes\n    gpgkey: https://h/k\n    fingerprints: [8483C65D, 05B555B38483C65D]'),
      '7:20: repos.a.fingerprints[0]: expected a full fingerprint, found `8483C65D`; write all of its 40 or 64 hex digits, since anybody can make a key with the same short id',
      '7:30: repos.a.fingerprints[1]: expected a full fingerprint, found `05B555B38483C65D`; write all of its 40 or 64 hex digits, since anybody can make a key with the same short id',
    ],
    [
      'a key over http that nothing vouches for',
      repo('gpgcheck: yes\n    gpgkey: http://h/k'),
      "6:13: repos.a.gpgkey: a key that comes over http may be anybody's; write fingerprints: and its full fingerprint, or https://, or a file",
    ],
    [
      'a key of a host that need not prove who it is',
      repo('repo_gpgcheck: yes\n    gpgkey: https://h/k\n    sslverify: no'),
      "6:13: repos.a.gpgkey: without sslverify a key may be anybody's; write fingerprints: and its full fingerprint, or a file",
    ],
    [
      'a key whose URL names no file',
      repo('gpgcheck: yes\n    gpgkey: [https://h/%zz, "file:///a%2Fb"]'),
      '6:14: repos.a.gpgkey[0]: `https://h/%zz` has a % that begins no character of a name; write %25 for %',
      '6:29: repos.a.gpgkey[1]: `file:///a%2Fb` has a % that begins no character of a name; write %25 for %',
    ],
    [
      'a key by ftp',
      repo('gpgcheck: yes\n    gpgkey: [ftp://h/k]'),
      '6:14: repos.a.gpgkey[0]: `ftp://h/k` begins with ftp:; write a file, or https:// or http:// and the rest',
    ],
    [
      'two answers to one question',
      repo('gpgcheck: yes\n    pkg_gpgcheck: no\n    gpgkey: https://h/k'),
      '6:19: repos.a.pkg_gpgcheck: gpgcheck says yes, and means the same; leave one of them out',
    ],
    [
      'a signature of what is made here',
      'root: www\nrepos: { a: { local: ./x, repo_gpgcheck: yes, gpgkey: https://h/k } }\n',
      '2:42: repos.a.repo_gpgcheck: with local there is no upstream that signs; leave it out',
    ],
    [
      "a signature of upstream's own metadata",
      repo('metadata: upstream\n    sign: /dev/null'),
      '6:11: repos.a.sign: metadata: upstream publishes what upstream has, as it is; leave it out, or write metadata: generate',
      '6:11: repos.a.sign: everybody on this host may read `/dev/null`; run chmod o= on it; name a file made by gpg --armor --export-secret-keys, which only the service may read',
    ],
    [
      'a passphrase without a key',
      repo('sign_passphrase_file: /dev/null'),
      '5:27: repos.a.sign_passphrase_file: there is no key to sign with; write sign: and the file of the key',
    ],
  )
})

describe('a key to sign with', () => {
  it('is a file of the service alone, with a passphrase of systemd’s', async () => {
    await using folder = await makeTemporaryFolder()
    const key = join(folder.path, 'key')
    await writeFile(key, privateKey, { mode: 0o600 })
    const { repos, warnings } = await load(repo(`sign: ${key}`))
    expect([repos[0]?.sign, warnings]).toEqual([{ key }, []])
    const asking = repo(`sign: ${key}\n    sign_passphrase_file: credential:pass`)
    expect(await mistakesIn(asking)).toEqual([
      'mirror.yaml:6:27: repos.a.sign_passphrase_file: Cannot read `/run/credentials/mirror.service/pass`: no such file or directory; name a file that only the service may read',
    ])
    await chmod(key, 0o644)
    expect(await mistakesIn(repo(`sign: ${key}`))).toEqual([
      `mirror.yaml:5:11: repos.a.sign: everybody on this host may read \`${key}\`; run chmod o= on it; name a file made by gpg --armor --export-secret-keys, which only the service may read`,
    ])
  })

  it('is a public one where a program signs', async () => {
    expect(await mistakesIn(withKeys('sign: ./keys/a key'))).toEqual([
      'mirror.yaml:5:11: repos.a.sign: everybody on this host may read `DIR/keys/a key`; run chmod o= on it; name a file made by gpg --armor --export-secret-keys, which only the service may read',
    ])
    const { repos } = await load(withKeys('sign: ./keys/a key\n    sign_command: /bin/true'))
    expect(repos[0]?.sign).toEqual({ key: 'DIR/keys/a key', command: '/bin/true' })
    expect(await mistakesIn(withKeys('sign: ./keys/a key\n    sign_command: ./keys/none'))).toEqual([
      'mirror.yaml:6:19: repos.a.sign_command: Cannot run `DIR/keys/none`: permission denied; name a program that can be run',
    ])
  })
})
