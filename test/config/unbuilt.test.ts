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
      'a proxy',
      repo('proxy: http://p:3128'),
      '5:12: repos.a.proxy is not supported yet; leave it out: connections are direct',
    ],
  )
})
