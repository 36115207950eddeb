import { rmSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { flipBit } from '../lifecycle/verify/verifying.ts'
import { makeMirrored } from './mirrored.ts'

const packages = ['alpha', 'beta'].map((name) => ({ name }))
const alpha = 'Packages/a/alpha-1.0-1.x86_64.rpm'

describe.concurrent('mirror verify', () => {
  test('says what was read where all is well', async () => {
    await using mirrored = await makeMirrored({ one: packages })
    await mirrored.mirror('sync')
    const { status, stdout, stderr } = await mirrored.mirror('verify', '--rate', '100M')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(/^6 names and \d+ files, [\d.]+ kB read in [\d.]+ s: no problems\n$/)
  })

  test('says what is damaged, exits 1 and changes nothing', async () => {
    await using mirrored = await makeMirrored({ one: packages, two: [{ name: 'gamma' }] })
    await mirrored.mirror('sync')
    const tree = mirrored.site.path('root/one')
    flipBit(`${tree}/${alpha}`, 99)
    rmSync(`${tree}/Packages/b/beta-1.0-1.x86_64.rpm`)
    const { status, stdout } = await mirrored.mirror('verify')
    expect(status).toBe(1)
    expect(stdout.split('\n').slice(0, 2)).toEqual([
      expect.stringMatching(`^rot: ${tree}/${alpha}: sha256 expected [0-9a-f]{16}..., found [0-9a-f]{16}...$`),
      `missing: ${tree}/Packages/b/beta-1.0-1.x86_64.rpm: it is not there`,
    ])
    expect(stdout).toMatch(/ read in [\d.]+ s: 2 problems\n$/)
    const json = JSON.parse((await mirrored.mirror('verify', '--json', 'one')).stdout) as { found: unknown[] }
    expect(json).toMatchObject({
      problems: 2,
      found: [
        { kind: 'missing', repo: 'one' },
        { kind: 'rot', names: 1 },
      ],
    })
    expect(await mirrored.mirror('verify', 'two')).toMatchObject({ status: 0 })
  })

  test('--repair puts it right and exits 0, and 4 where it had to publish without something', async () => {
    await using mirrored = await makeMirrored({ one: packages })
    await mirrored.mirror('sync')
    const tree = mirrored.site.path('root/one')
    flipBit(`${tree}/${alpha}`, 99)
    const first = await mirrored.mirror('verify', '--repair')
    expect(first).toMatchObject({ status: 0, stderr: expect.not.stringContaining('E_') })
    expect(first.stdout).toMatch(
      /^rot: .*: 1 problem\nrepaired: .*: from the upstream\n1 repaired, 0 withdrawn, 0 left\n$/s,
    )
    flipBit(`${tree}/${alpha}`, 99)
    mirrored.upstream.rules.push({ path: /alpha/, fault: { kind: 'status', status: 404 } })
    const { status, stdout } = await mirrored.mirror('verify', '--repair', '--json')
    expect(status).toBe(4)
    expect(JSON.parse(stdout)).toMatchObject({ problems: 1, repaired: { withdrawn: [`one/${alpha}`], left: [] } })
    expect((await mirrored.mirror('verify')).stdout).toMatch(/^withdrawn: .*: no problems, 1 note\n$/s)
  })

  test('refuses what is not published, and a root that is not mounted', async () => {
    await using mirrored = await makeMirrored({ one: packages })
    const before = await mirrored.mirror('verify')
    expect(before).toMatchObject({ status: 2, stderr: expect.stringMatching(/^E_ROOT: .* holds nothing yet; /) })
    await mirrored.mirror('sync')
    expect(await mirrored.mirror('verify', 'absent')).toMatchObject({
      status: 2,
      stderr: 'E_USAGE: nothing is published as absent; there is one\n',
    })
    expect(await mirrored.mirror('verify', '--rate', 'fast')).toMatchObject({ status: 2 })
    rmSync(mirrored.site.path('root/.mirror'))
    const { status, stderr } = await mirrored.mirror('verify')
    expect({ status, stderr }).toMatchObject({ status: 2, stderr: expect.stringMatching(/^E_ROOT: .*is .* mounted/) })
  })
})
