import { describe } from 'vitest'
import { refuses, repo } from './configuration.ts'

describe('unbuilt', () => {
  refuses(
    [
      'a limit in the defaults',
      'root: www\ndefaults: { throttle: 1M }\nrepos: {}\n',
      '2:23: defaults.throttle is not supported yet; leave it out: the rate is not limited',
    ],
    [
      'TLS without verification',
      repo('sslverify: false'),
      '5:16: repos.a.sslverify: false is not supported yet; leave it out: certificates are always verified',
    ],
    [
      'a client certificate',
      repo('sslclientcert: /etc/a.pem'),
      '5:20: repos.a.sslclientcert is not supported yet; mirror from an upstream that asks for no name, password or certificate',
    ],
    [
      'a password, which is not shown',
      repo('password: canary'),
      '5:15: repos.a.password is not supported yet; mirror from an upstream that asks for no name, password or certificate',
    ],
    [
      'a proxy',
      repo('proxy: http://p:3128'),
      '5:12: repos.a.proxy is not supported yet; leave it out: connections are direct',
    ],
  )
})
