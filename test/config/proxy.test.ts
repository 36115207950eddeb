import { describe, expect, it } from 'vitest'
import { load, mistakesIn, refuses, repo } from './configuration.ts'

const plain = { verify: true }

describe('a proxy', () => {
  it.each([
    ['http://p:3128', { url: 'http://p:3128', tls: plain }],
    ['p', { url: 'http://p:1080', tls: plain }],
    ['http://p:80/', { url: 'http://p:80', tls: plain }],
    ['https://p', { url: 'https://p:443', tls: plain }],
    ['socks5://p', { url: 'socks5://p:1080', tls: plain }],
    ['socks5h://[::1]:9', { url: 'socks5h://[::1]:9', tls: plain }],
    ['http://me:can%40ary@p:1', { url: 'http://p:1', login: { username: 'me', password: '***' }, tls: plain }],
    ['no', 'none'],
    ['_none_', 'none'],
  ])('%s', async (text, proxy) => {
    const { repos } = await load(repo(`proxy: "${text}"`))
    expect(repos[0]?.access.way).toEqual({ proxy })
  })

  it('has a login and certificates of its own', async () => {
    const keys = [
      'proxy: https://p:3129',
      'no_proxy: .example.org, 10.0.0.0/8',
      'proxy_username: me',
      'proxy_password_file: pw',
      'proxy_sslverify: no',
      'proxy_sslcacert: ca.pem',
    ]
    const { repos } = await load(repo(keys.join('\n    ')))
    expect(repos[0]?.access.way).toEqual({
      proxy: {
        url: 'https://p:3129',
        login: { username: 'me', password: { file: 'DIR/pw' } },
        tls: { verify: false, ca: 'DIR/ca.pem' },
      },
      noProxy: ['.example.org', '10.0.0.0/8'],
    })
  })

  it('of the defaults is switched off by an empty one in a .repo file', async () => {
    const files = {
      'mirror.yaml': 'root: www\ndefaults: { proxy: "http://p:1" }\ninclude: [{ files: a.repo }]\n',
      'a.repo': '[a]\nbaseurl=http://h/\nproxy=\n[b]\nbaseurl=http://h/\nproxy=_none_\n[c]\nbaseurl=http://h/\n',
    }
    const { repos } = await load(files)
    expect(repos.map(({ access }) => access.way.proxy)).toEqual(['none', 'none', { url: 'http://p:1', tls: plain }])
  })

  it.each(['ftp://me:canary@p', 'http://me:canary@p/path', 'http://me:canary@:80', 'socks4://canary:canary@p'])(
    'is shown without its password where it is refused: %s',
    async (text) => {
      const mistakes = await mistakesIn(repo(`proxy: ${text}`))
      expect(mistakes).toHaveLength(1)
      expect(mistakes[0]).toMatch(/is no proxy; write http:/)
      expect(mistakes[0]).not.toContain('canary')
    },
  )

  refuses(
    [
      'other ways to log in',
      repo('proxy_auth_method: digest'),
      '5:24: repos.a.proxy_auth_method: expected any, basic or none, found `digest`; digest, NTLM and negotiate are not supported; let the proxy take basic, or this host without a name',
    ],
    [
      'a password without a name',
      repo('proxy: http://p:1\n    proxy_password: canary'),
      '6:21: repos.a.proxy_password: a password without a name; write proxy_username: too',
    ],
  )
})
