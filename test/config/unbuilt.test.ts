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
      'whether a certificate was revoked',
      repo('sslverifystatus: yes'),
      '5:22: repos.a.sslverifystatus: yes is not supported yet; leave it out: certificates are verified, whether they were revoked is not',
    ],
  )
})
