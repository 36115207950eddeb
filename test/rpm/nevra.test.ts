import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatNevra, type Nevra, parseNevra } from '../../src/rpm/nevra.ts'

function nevra(name: string, epoch: string, version: string, release: string, arch: string): Nevra {
  return { name, epoch, version, release, arch }
}

describe('a NEVRA', () => {
  test.each<[string, Nevra]>([
    ['nginx-1.20.1-14.el9.x86_64', nevra('nginx', '0', '1.20.1', '14.el9', 'x86_64')],
    ['bind-32:9.16.23-1.el9.i686', nevra('bind', '32', '9.16.23', '1.el9', 'i686')],
    ['nginx-mod-mail-1.20.1-14.el9.x86_64.rpm', nevra('nginx-mod-mail', '0', '1.20.1', '14.el9', 'x86_64')],
    ['nginx-1.20.1-14.el9.src.rpm', nevra('nginx', '0', '1.20.1', '14.el9', 'src')],
    ['libstdc++-11.4~rc1^git2-2.noarch', nevra('libstdc++', '0', '11.4~rc1^git2', '2', 'noarch')],
    ['python3.11-3-1-1.noarch', nevra('python3.11-3', '0', '1', '1', 'noarch')],
    ['-1-1-1.noarch', nevra('-1', '0', '1', '1', 'noarch')],
  ])('is read from %s', (text, expected) => {
    expect(parseNevra(text)).toEqual(expected)
  })

  test.each([
    '',
    '.rpm',
    'nginx',
    'nginx.rpm',
    'nginx-1.20.1',
    'nginx-1.20.1.x86_64',
    'nginx-1-14',
    'nginx-1.20.1-14',
    'nginx-1.20.1-14.',
    'nginx-1.20.1-.x86_64',
    'nginx--14.x86_64',
    'nginx-1:-14.x86_64',
    'nginx-a:1-14.x86_64',
    'nginx-1-1:14.x86_64',
    '1-14.x86_64',
    '-1-14.x86_64',
    'Packages/nginx-1-14.x86_64.rpm',
    'nginx -1-14.x86_64',
    'nginx-1-14.x86-64',
  ])('is not read from %j', (text) => {
    expect(parseNevra(text)).toBeUndefined()
  })

  test('is written as dnf shows it, without an epoch of 0', () => {
    expect(formatNevra(nevra('nginx', '0', '1.20.1', '14.el9', 'x86_64'))).toBe('nginx-1.20.1-14.el9.x86_64')
    expect(formatNevra(nevra('bind', '32', '9.16.23', '1.el9', 'i686'))).toBe('bind-32:9.16.23-1.el9.i686')
  })

  test('is read back as it was written', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,12}$/)
    const version = fc.stringMatching(/^[A-Za-z0-9._+~^]{1,9}$/)
    const arch = fc.constantFrom('x86_64', 'noarch', 'src', 'i686')
    fc.assert(
      fc.property(name, fc.nat().map(String), version, version, arch, (name, epoch, version, release, arch) => {
        const written = nevra(name, epoch, version, release, arch)
        expect(parseNevra(formatNevra(written))).toEqual(written)
        expect(parseNevra(`${formatNevra(written)}.rpm`)).toEqual(written)
      }),
    )
  })
})
