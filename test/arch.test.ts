import { describe, expect, test } from 'vitest'
import { compatibleArches, hostBasearch, isSource, knownArches } from '../src/arch.ts'
import { judge } from './helpers/judges.ts'
import { askBasearches, askHawkey, askRpmArches } from './rpm/ask.ts'

describe('the arches that hosts of a basearch can install', () => {
  test.each([
    ['x86_64', ['x86_64', 'athlon', 'i686', 'i586', 'i486', 'i386', 'noarch']],
    [
      'x86_64_v4',
      ['x86_64_v4', 'x86_64_v3', 'x86_64_v2', 'x86_64', 'athlon', 'i686', 'i586', 'i486', 'i386', 'noarch'],
    ],
    ['x86_64_v2', ['x86_64_v2', 'x86_64', 'athlon', 'i686', 'i586', 'i486', 'i386', 'noarch']],
    ['aarch64', ['aarch64', 'noarch']],
    ['ppc64le', ['ppc64le', 'noarch']],
    ['s390x', ['s390x', 's390', 'noarch']],
    ['i386', ['athlon', 'i686', 'geode', 'i586', 'i486', 'i386', 'noarch']],
    ['i686', ['i686', 'i586', 'i486', 'i386', 'noarch']],
    ['noarch', ['noarch']],
    ['pdp11', ['pdp11', 'noarch']],
    ['constructor', ['constructor', 'noarch']],
  ])('of %s are, best first, %j', (basearch, arches) => {
    expect(compatibleArches(basearch)).toEqual(arches)
  })

  const arches = [...knownArches].filter((arch) => arch !== 'noarch' && !isSource(arch))
  const policies = judge('dnf') ? askHawkey(arches) : undefined
  const basearches = judge('dnf') ? askBasearches() : undefined

  test.skipIf(policies === undefined)('hold all that the installed libsolv lets a host install, in its order', () => {
    for (const [i, arch] of arches.entries()) {
      const theirs = noarchLast(policies![i]!)
      expect(compatibleArches(arch).filter((name) => theirs.includes(name))).toEqual(theirs)
    }
  })

  test.skipIf(policies === undefined).each(['x86_64', 'i686', 'aarch64', 'ppc64le', 's390x', 'armv7hl'])(
    'hold nothing else for %s, athlon aside, which Debian builds libsolv without',
    (arch) => {
      const ours = compatibleArches(arch).filter((name) => name !== 'athlon')
      expect(noarchLast(policies![arches.indexOf(arch)]!)).toEqual(ours)
    },
  )

  test.skipIf(basearches === undefined)('hold every arch that the installed dnf counts to the basearch', () => {
    const missing = Object.entries(basearches!).filter(([arch, basearch]) => !compatibleArches(basearch).includes(arch))
    expect(missing.map(([arch]) => arch).toSorted()).toEqual(['amd64', 'ia32e'])
  })
})

describe('the known arches', () => {
  test('have source and noarch packages among them', () => {
    expect(['src', 'nosrc', 'noarch', 'x86_64', 'i686'].every((arch) => knownArches.has(arch))).toBe(true)
    expect(knownArches.has('x86-64')).toBe(false)
  })

  test.skipIf(!judge('rpm'))('have all that the installed rpm knows', () => {
    const arches = askRpmArches()
    expect(arches).toContain('x86_64')
    expect(arches.filter((arch) => !knownArches.has(arch))).toEqual([])
  })

  test('are told apart from those of source packages', () => {
    expect([...knownArches].filter(isSource)).toEqual(['src', 'nosrc'])
  })
})

test('the basearch of this machine is named as dnf names it', () => {
  expect(['x64', 'arm64', 'ia32', 'ppc64', 's390x', 'riscv64', 'arm'].map(hostBasearch)).toEqual([
    'x86_64',
    'aarch64',
    'i386',
    'ppc64le',
    's390x',
    'riscv64',
    'armhfp',
  ])
  expect(knownArches.has(hostBasearch()) || hostBasearch() === 'armhfp').toBe(true)
})

function noarchLast(arches: readonly string[]): string[] {
  return [...arches.filter((arch) => arch !== 'noarch'), 'noarch']
}
