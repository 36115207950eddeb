import { describe, expect, it } from 'vitest'
import { load, refuses } from './configuration.ts'

const repos = 'root: www\nrepos: { a: { baseurl: "http://h/" } }\n'

describe('to whom the tree is served', () => {
  it('keeps every value that is given, files relative to the configuration', async () => {
    const keys = [
      'tls_cert: tls/mirror.crt',
      'tls_key: /etc/mirror/mirror.key',
      'tls_client_ca: clients.crt',
      'htpasswd: htpasswd',
      'allow: 192.0.2.0/24, 2001:db8::/32',
      'trusted_proxies: [127.0.0.1, "::1"]',
      'access_log: stdout',
    ]
    const { serving, warnings } = await load(`${repos}${keys.join('\n')}\n`)
    expect(serving).toEqual({
      tls: { cert: 'DIR/tls/mirror.crt', key: '/etc/mirror/mirror.key', clientCa: 'DIR/clients.crt' },
      htpasswd: 'DIR/htpasswd',
      allow: ['192.0.2.0/24', '2001:db8::/32'],
      trustedProxies: ['127.0.0.1', '::1'],
      accessLog: 'stdout',
    })
    expect(warnings).toEqual([])
  })

  it('warns of passwords that can be read on their way', async () => {
    const { warnings } = await load(`${repos}listen: 0.0.0.0:80\nhtpasswd: users\n`)
    expect(warnings).toEqual(['DIR/mirror.yaml:4:11: htpasswd: without tls_cert: passwords can be read on their way'])
    expect((await load(`${repos}htpasswd: users\n`)).warnings).toEqual([])
  })

  refuses(
    [
      'a certificate without its key',
      `${repos}tls_cert: a\n`,
      '3:11: tls_cert: TLS needs both a certificate and its key; write tls_key: too',
    ],
    [
      'a key without its certificate',
      `${repos}tls_key: a\n`,
      '3:10: tls_key: TLS needs both a certificate and its key; write tls_cert: too',
    ],
    [
      "an authority of clients' certificates without TLS",
      `${repos}tls_client_ca: a\n`,
      "3:16: tls_client_ca: clients' certificates come with TLS only; write tls_cert: and tls_key: too",
    ],
    ...['192.0.2.0/33', '192.0.2', '2001:db8::/129', 'example.org', '10.0.0.0/', '-1.0.0.0/8'].map(
      (network): [string, string, string] => [
        `the network ${network}`,
        `${repos}allow: [10.0.0.0/8, "${network}"]\n`,
        `3:21: allow[1]: expected a network, found \`${network}\`; write such as 192.0.2.0/24, 192.0.2.1 or 2001:db8::/32`,
      ],
    ),
  )
})
