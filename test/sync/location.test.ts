import { describe, expect, test } from 'vitest'
import { alternativeLocation, mapLocation, urlsAt } from '../../src/sync/location.ts'
import { sha256Of } from '../store/opened.ts'

describe('in layout packages', () => {
  test.each([
    ['Packages/b/bash-5.rpm', 'Packages/b/bash-5.rpm'],
    ['Packages/bash-5.rpm', 'Packages/bash-5.rpm'],
    ['./Packages/b/bash-5.rpm', 'Packages/b/bash-5.rpm'],
    ['bash-5.rpm', 'Packages/b/bash-5.rpm'],
    ['x86_64/Bash-5.rpm', 'Packages/b/Bash-5.rpm'],
    ['../../pool/bash-5.rpm', 'Packages/b/bash-5.rpm'],
    ['http://h/pool/bash-5.rpm', 'Packages/b/bash-5.rpm'],
    ['Packages/../../bash-5.rpm', 'Packages/b/bash-5.rpm'],
    ['Packages/.hidden/bash-5.rpm', 'Packages/b/bash-5.rpm'],
    ['repodata/bash-5.rpm', 'Packages/b/bash-5.rpm'],
    ['getPackage/7zip-1.rpm', 'Packages/7/7zip-1.rpm'],
    ['_strange.rpm', 'Packages/_/_strange.rpm'],
    ['ärger.rpm', 'Packages/_/ärger.rpm'],
  ])('%s stands at %s', (href, path) => {
    expect(mapLocation(href, 'packages')).toBe(path)
  })

  test.each([
    ['x/libstdc%2B%2B-1.rpm', 'Packages/l/libstdc++-1.rpm'],
    ['Packages/a%20b/100%2525.rpm', 'Packages/a b/100%25.rpm'],
  ])('%s is decoded once: %s', (href, path) => {
    expect(mapLocation(href, 'packages')).toBe(path)
  })
})

describe('in layout upstream', () => {
  test.each([
    ['x86_64/os/bash-5.rpm', 'x86_64/os/bash-5.rpm'],
    ['bash-5.rpm', 'bash-5.rpm'],
    ['./a/b%2Bc/bash-5.rpm', 'a/b+c/bash-5.rpm'],
  ])('%s stands at %s', (href, path) => {
    expect(mapLocation(href, 'upstream')).toBe(path)
  })

  test.each([
    ['../bash-5.rpm', 'it leads out of the repository'],
    ['a/../../bash-5.rpm', 'it leads out of the repository'],
    ['a/%2e%2e/bash-5.rpm', 'it leads out of the repository'],
    ['a//bash-5.rpm', 'it leads out of the repository'],
    ['/etc/bash-5.rpm', 'it leads out of the repository'],
    ['a/./bash-5.rpm', 'it leads out of the repository'],
    ['.git/bash-5.rpm', 'it leads out of the repository'],
    ['a\\b/bash-5.rpm', 'it leads out of the repository'],
    ['http://h/bash-5.rpm', 'it leads out of the repository'],
    ['repodata/bash-5.rpm', 'repodata/ is for metadata'],
    ['%72epodata/bash-5.rpm', 'repodata/ is for metadata'],
  ])('%s is refused', (href, reason) => {
    expectRefused(() => mapLocation(href, 'upstream'), href, reason)
  })
})

describe.each(['packages', 'upstream'] as const)('in either layout, %s', (layout) => {
  test.each([
    ['', 'it names no file'],
    ['Packages/', 'it names no file'],
    ['Packages/..', 'it names no file'],
    ['Packages/b/.', 'it names no file'],
    ['Packages/%2e%2e', 'it names no file'],
    ['Packages/%2e%2e%2fx.rpm', 'its name holds a slash'],
    ['Packages/..%5cx.rpm', 'its name holds a slash'],
    ['Packages/a\\b.rpm', 'its name holds a slash'],
    ['Packages/a%00.rpm', 'its name holds a control character, ? or #'],
    ['Packages/a%0ab.rpm', 'its name holds a control character, ? or #'],
    ['Packages/a%7f.rpm', 'its name holds a control character, ? or #'],
    ['Packages/a?b.rpm', 'its name holds a control character, ? or #'],
    ['Packages/a#b.rpm', 'its name holds a control character, ? or #'],
    ['Packages/a%3Fb.rpm', 'its name holds a control character, ? or #'],
    ['Packages/.hidden.rpm', 'its name begins with a dot'],
    ['Packages/bash.txt', 'its name does not end in .rpm'],
    ['Packages/bash.RPM', 'its name does not end in .rpm'],
    ['Packages/bash%ZZ.rpm', 'its percent encoding is broken'],
    ['Packages/bash%.rpm', 'its percent encoding is broken'],
    ['Packages/%ff.rpm', 'its percent encoding is broken'],
    [`Packages/${'x'.repeat(252)}.rpm`, 'its name is longer than 255 bytes'],
    [`Packages/${'ü'.repeat(126)}.rpm`, 'its name is longer than 255 bytes'],
    [`${'d/'.repeat(2050)}x.rpm`, 'longer than 4096 characters'],
  ])('%s is refused', (href, reason) => {
    expectRefused(() => mapLocation(href, layout), href, reason)
  })

  test('a name of 255 bytes is taken', () => {
    const name = `${'x'.repeat(251)}.rpm`
    expect(mapLocation(`Packages/x/${name}`, layout)).toBe(`Packages/x/${name}`)
  })
})

test('a second content with the same name stands below the beginning of its digest', () => {
  const sha256 = sha256Of('other')
  const path = `Packages/l/${sha256.slice(0, 16)}/libstdc++.rpm`
  expect(alternativeLocation('Packages/l/libstdc++.rpm', sha256)).toBe(path)
})

describe('where a package is fetched from', () => {
  const bases = [new URL('http://a/repo/'), new URL('http://b:8080/x/')]
  const urls = (href: string, base?: string, from = bases) =>
    from.flatMap((place) => urlsAt({ href, base }, place)).map((url) => url.href)

  test.each([
    ['Packages/x.rpm', undefined, ['http://a/repo/Packages/x.rpm', 'http://b:8080/x/Packages/x.rpm']],
    ['../pool/x.rpm', undefined, ['http://a/pool/x.rpm', 'http://b:8080/pool/x.rpm']],
    ['x.rpm', 'media/1', ['http://a/repo/media/1/x.rpm', 'http://b:8080/x/media/1/x.rpm']],
    ['a?b#c.rpm', undefined, ['http://a/repo/a%3Fb%23c.rpm', 'http://b:8080/x/a%3Fb%23c.rpm']],
  ])('%s with base %s', (href, base, expected) => {
    expect(urls(href, base)).toEqual(expected)
  })

  test('what may be encoded is a path first and then a part of a URL', () => {
    expect(urls('a%20b.rpm', undefined, [bases[0]!])).toEqual(['http://a/repo/a%2520b.rpm', 'http://a/repo/a%20b.rpm'])
  })

  test('a whole URL is one already', () => {
    expect(urls('http://a/x/a%20b.rpm', undefined, [bases[0]!])).toEqual(['http://a/x/a%20b.rpm'])
  })

  test('an xml:base on the upstream’s own host is followed', () => {
    expect(urls('x.rpm', 'http://a/elsewhere/', [bases[0]!])).toEqual(['http://a/elsewhere/x.rpm'])
  })

  test.each([
    ['x.rpm', 'http://evil/'],
    ['x.rpm', 'https://a/repo/'],
    ['x.rpm', 'http://a:8080/'],
    ['x.rpm', '//evil/'],
    ['//evil/x.rpm', undefined],
    ['http://evil/x.rpm', undefined],
    ['file:///etc/x.rpm', undefined],
  ])('another host is refused: %s with base %s', (href, base) => {
    const refused = expect.objectContaining({
      code: 'E_PATH',
      message: expect.stringContaining('which is not the upstream'),
    })
    expect(() => urls(href, base, [bases[0]!])).toThrow(refused)
  })

  test('an upstream that is a folder is not left', () => {
    const folder = [new URL('file:///srv/repo/')]
    expect(urls('Packages/x.rpm', undefined, folder)).toEqual(['file:///srv/repo/Packages/x.rpm'])
    const refused = expect.objectContaining({
      code: 'E_PATH',
      message: expect.stringContaining("it leads out of the upstream's folder"),
    })
    expect(() => urls('../../etc/x.rpm', undefined, folder)).toThrow(refused)
    expect(() => urls('%2e%2e/x.rpm', undefined, folder)).toThrow(refused)
  })
})

function expectRefused(map: () => unknown, href: string, reason: string): void {
  const message = `location ${JSON.stringify(href.slice(0, 200))} is refused: ${reason}`
  expect(map).toThrow(expect.objectContaining({ code: 'E_PATH', message }))
}
