import { describe } from 'vitest'
import { refuses, repo } from './configuration.ts'

describe('selection', () => {
  refuses(
    [
      'keep and newest_only that differ',
      repo('keep: 3\n    newest_only: yes'),
      '5:11: repos.a.keep: newest_only says 1, keep says 3; leave one of them out',
    ],
    [
      'keep: 1 and newest_only: no',
      repo('keep: 1\n    newest_only: no'),
      '5:11: repos.a.keep: newest_only says not 1, keep says 1; leave one of them out',
    ],
    ['an unknown arch', repo('arch: [x86_64, i687]'), '5:20: repos.a.arch[1]: unknown arch `i687`; did you mean i686?'],
    [
      'an unknown arch in one string',
      repo('arch: x86_64,x86-64'),
      '5:11: repos.a.arch: unknown arch `x86-64`; did you mean x86_64?',
    ],
    [
      'an arch of sources',
      repo('arch: [src]'),
      '5:12: repos.a.arch[0]: src is no arch to select; write source: also or only',
    ],
    [
      'an unknown basearch',
      repo('vars: { basearch: x86 }'),
      '3:3: repos.a: unknown basearch `x86`; write it as rpm does, such as x86_64',
    ],
  )
})
