import { describe } from 'vitest'
import { refuses, repo } from './configuration.ts'

describe('unbuilt', () => {
  refuses(
    [
      'whether a certificate was revoked, in the defaults',
      'root: www\ndefaults: { sslverifystatus: 1 }\nrepos: {}\n',
      '2:30: defaults.sslverifystatus: 1 is not supported yet; leave it out: certificates are verified, whether they were revoked is not',
    ],
    [
      'whether a certificate was revoked',
      repo('sslverifystatus: yes'),
      '5:22: repos.a.sslverifystatus: yes is not supported yet; leave it out: certificates are verified, whether they were revoked is not',
    ],
  )
})
