import { describe, expect, it } from 'vitest'
import { load, mistakesIn, refuses, repo } from './configuration.ts'

describe('access', () => {
  it('is what the keys say, with paths from the folder of the file, and with no secret in what is shown', async () => {
    const keys = [
      'username: me',
      'password: canary',
      'bearer_token_file: credential:scc',
      'http_headers: ["X-Token: canary", "X-B:  canary, b "]',
      'sslcacert: ca.pem',
      'sslclientcert: /etc/me.crt',
      'sslclientkey: keys/me.key',
      'ip_resolve: IPv6',
      'private_networks: 10.0.0.0/8, 192.0.2.1',
    ]
    const { repos } = await load(repo(keys.join('\n    ')))
    expect(repos[0]?.access).toEqual({
      urls: [],
      login: { username: 'me', password: '***' },
      bearer: { credential: 'scc' },
      headers: [
        { name: 'x-token', value: '***' },
        { name: 'x-b', value: '***' },
      ],
      tls: { verify: true, ca: 'DIR/ca.pem', clientCert: '/etc/me.crt', clientKey: 'DIR/keys/me.key' },
      certificateWarningMs: 30 * 86_400_000,
      ipVersion: 6,
      privateNetworks: ['10.0.0.0/8', '192.0.2.1'],
      way: { proxy: 'environment' },
    })
  })

  it.each([
    ['password_file: pw', { file: 'DIR/pw' }],
    ['password_file: /etc/pw', { file: '/etc/pw' }],
    ['password_file: env:SCC_PASSWORD', { env: 'SCC_PASSWORD' }],
    ['password_file: credential:scc.password', { credential: 'scc.password' }],
  ])('takes a password from where %s says', async (line, place) => {
    const { repos } = await load(repo(`username: me\n    ${line}`))
    expect(repos[0]?.access.login).toEqual({ username: 'me', password: place })
  })

  it('of a .repo file is written in the words of dnf', async () => {
    const section =
      '[a]\nbaseurl=https://h/\nusername=me\npassword=can#ary\nsslverify=0\nsslclientcert=a.pem\nip_resolve=4\n'
    const files = { 'mirror.yaml': 'root: www\ninclude: [{ files: a.repo }]\n', 'a.repo': section }
    const { repos, warnings } = await load(files)
    expect(repos[0]?.access).toMatchObject({
      login: { username: 'me', password: '***' },
      tls: { verify: false, clientCert: 'DIR/a.pem' },
      ipVersion: 4,
    })
    expect(warnings).toEqual([])
  })

  it.each([
    'username: me\n    password: [canary]',
    'username: me\n    password: { canary: canary }',
    'username: me\n    password: "a\\ncanary"',
    'http_headers: ["X-A canary"]',
    'http_headers: ["Host: canary"]',
    'http_headers: ["X-A: canary\\r\\nX-B: c"]',
    'http_headers: ["X-A: canaryé"]',
    'pasword: canary',
  ])('shows nothing of what is mistaken in %j', async (lines) => {
    const mistakes = await mistakesIn(repo(lines))
    expect(mistakes).toHaveLength(1)
    expect(mistakes[0]?.replace('repos.a.password.canary', '')).not.toContain('canary')
  })

  refuses(
    [
      'a password without a name',
      repo('password: canary'),
      '5:15: repos.a.password: a password without a name; write username: too',
    ],
    [
      'two passwords',
      repo('username: me\n    password: canary\n    password_file: x'),
      '6:15: repos.a.password: password and password_file exclude each other; leave one',
    ],
    [
      'a key without its certificate',
      repo('sslclientkey: a.key'),
      '5:19: repos.a.sslclientkey: a key without its certificate; write sslclientcert: too',
    ],
    [
      'a variable without a name',
      repo('username: me\n    password_file: "env:"'),
      '6:20: repos.a.password_file: expected the place of a secret, found env: without a name; write env:NAME',
    ],
    [
      'a credential that leads out of its folder',
      repo('username: me\n    password_file: credential:../x'),
      "6:20: repos.a.password_file: expected the place of a secret, found credential: without a name; write credential:NAME with the name in systemd's LoadCredential=",
    ],
    [
      'trust without verification',
      'root: www\nrepos:\n  a: { baseurl: https://h/, trust: required, sslverify: no }\n',
      '3:57: repos.a.sslverify: trust is required, and a certificate that nobody verifies proves nothing; write trust: any',
    ],
    [
      'an IP version that there is not',
      repo('ip_resolve: 5'),
      '5:17: repos.a.ip_resolve: expected 4, 6 or whatever, found `5`',
    ],
  )
})
