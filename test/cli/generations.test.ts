import { describe, expect, test } from 'vitest'
import { makeMirrored } from './mirrored.ts'

const of = (...names: string[]) => names.map((name) => ({ name }))

describe.concurrent('mirror status --generations', () => {
  test('shows every retained generation with what it changed, newest first, as a table and as JSON', async () => {
    await using mirrored = await makeMirrored({ one: of('alpha', 'beta'), two: of('gamma') })
    await mirrored.mirror('sync')
    await mirrored.offer('one', of('alpha', 'delta', 'epsilon'))
    await mirrored.mirror('sync', 'one')
    const { status, stdout, stderr } = await mirrored.mirror('status', '--generations')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'time')).toMatch(
      new RegExp(
        [
          '^repository +generation +state +created \\(UTC\\) +superseded \\(UTC\\) +packages +size +added +removed +trust +revision +made by +shown at',
          'one +2  current +time +- +3  2\\.1 kB +2 +1  none +1700000001 +sync',
          'one +1  published +time +time +2  1\\.4 kB +2 +0  none +1700000000 +sync',
          'two +1  current +time +- +1 +700 B +1 +0  none +1700000000 +sync',
          '$',
        ].join('\n'),
      ),
    )
    const { generations } = JSON.parse((await mirrored.mirror('status', 'one', '--generations', '--json')).stdout)
    expect(generations).toMatchObject([
      { repo: 'one', path: 'one', number: 2, state: 'published', superseded: null, packages: 3, added: 2, removed: 1 },
      {
        repo: 'one',
        number: 1,
        superseded: expect.stringMatching(/T.*Z$/),
        bytes: 1400,
        trust: 'none',
        overrides: null,
        shown: [],
      },
    ])
  })

  test('does not say what the oldest one removed, once the one before is swept', async () => {
    await using mirrored = await makeMirrored({ one: of('alpha') }, { defaults: { retain: 0, retry_delay: 0 } })
    await mirrored.mirror('sync')
    await mirrored.offer('one', of('beta'))
    await mirrored.mirror('sync')
    const { generations } = JSON.parse((await mirrored.mirror('status', '--generations', '--json')).stdout)
    expect(generations).toMatchObject([{ number: 2, added: 1, removed: null }])
    expect((await mirrored.mirror('status', '--generations')).stdout).toMatch(/\none +2 .* 1 +- {2}none/)
  })

  test('before the first sync has a heading alone, and names a repository that there is not', async () => {
    await using mirrored = await makeMirrored({ one: of('alpha') })
    expect((await mirrored.mirror('status', '--generations')).stdout).toMatch(/^repository .*\n$/)
    const { status, stderr } = await mirrored.mirror('status', 'nine', '--generations')
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringMatching(/E_USAGE: no repository nine in .*; it has one\n$/),
    })
    const both = await mirrored.mirror('status', '--generations', '--check')
    expect(both.stderr).toMatch(/E_USAGE: --generations and --check: one of them is expected\n$/)
  })
})
