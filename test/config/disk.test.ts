import { describe, expect, it } from 'vitest'
import { load, mistakesIn, repo } from './configuration.ts'

describe('max_delete', () => {
  it.for([
    ['50%', { percent: 50 }],
    ['5000', { files: 5000 }],
    ['no', undefined],
  ] as const)('may be %s', async ([text, maxDelete]) => {
    const { repos } = await load(repo(`max_delete: ${text}`))
    expect(repos[0]?.maxDelete).toEqual(maxDelete)
  })

  it.for(['101%', 'many', '1.5'])('refuses %s', async (text) => {
    expect(await mistakesIn(repo(`max_delete: "${text}"`))).toEqual([
      expect.stringContaining('write such as 30%, 5000, or no'),
    ])
  })
})

it('max_disk, min_free and scrub are of the whole, and each repository knows the limits', async () => {
  const config = await load(`max_disk: 500G\nmin_free: 1G\nscrub: no\n${repo('retain_generations: 3')}`)
  const disk = { max: 500 * 2 ** 30, minFree: 2 ** 30 }
  expect(config).toMatchObject({ disk, repos: [{ disk, retainGenerations: 3 }] })
  expect(config.scrubMs).toBeUndefined()
})
