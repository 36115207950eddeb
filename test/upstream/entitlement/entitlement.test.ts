import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readEntitlement } from '../../../src/upstream/entitlement/certificate.ts'
import { chooseEntitlement } from '../../../src/upstream/entitlement/choose.ts'
import { readPathTree } from '../../../src/upstream/entitlement/pathTree.ts'
import { expiryWarning, whyRefused } from '../../../src/upstream/identity.ts'
import { makeAuthority } from '../../helpers/authority.ts'
import { encodeTree, makeEntitlement } from '../../helpers/entitlement.ts'
import { judge } from '../../helpers/judges.ts'
import { makeTemporaryFolder } from '../../helpers/temporary.ts'

const rhel = [
  '/content/dist/rhel9/$releasever/$basearch/baseos/os',
  '/content/dist/rhel9/$releasever/$basearch/appstream/os',
  '/content/dist/rhel/server/6/$releasever/$basearch/os',
]

describe('the tree of version 3', () => {
  test.each<[string, boolean]>([
    ['/content/dist/rhel9/9/x86_64/baseos/os/repodata/repomd.xml', true],
    ['/content/dist/rhel9/9.4/aarch64/appstream/os', true],
    ['/content/dist/rhel9/9/x86_64/baseos', false],
    ['/content/dist/rhel9/9/x86_64/baseos/source/SRPMS', false],
    ['/content/dist/rhel/server/6/6Server/x86_64/os/', true],
    ['/content/dist/rhel/server/7/7Server/x86_64/os/', false],
    ['/', false],
  ])('has %s: %s', (path, isCovered) => {
    expect(readPathTree(encodeTree(rhel))(path.split('/').filter(Boolean))).toBe(isCovered)
  })

  test('may have hundreds of nodes', () => {
    const paths = Array.from({ length: 200 }, (_, i) => `/content/${i}/${i % 7}/os`)
    const covers = readPathTree(encodeTree(paths))
    for (const path of paths) expect(covers([...path.split('/').slice(1), 'x'])).toBe(true)
    expect(covers(['content', '200', '4', 'os'])).toBe(false)
  })

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['no zlib', Buffer.from('no zlib')],
    ['words alone', encodeTree(rhel).subarray(0, -60)],
    [
      'more nodes than there can be',
      Buffer.concat([encodeTree(['/a/b']).subarray(0, -3), Buffer.from([131, 255, 255, 255])]),
    ],
  ])('that is %s is refused or covers nothing that it does not say', (_, data) => {
    let covers = (_segments: readonly string[]) => false
    try {
      covers = readPathTree(data)
    } catch (error) {
      expect(error).toBeInstanceOf(Error)
    }
    expect(covers(['content', 'dist', 'rhel7'])).toBe(false)
  })
})

describe.skipIf(!judge('openssl'))('a certificate', () => {
  test.each<[string, { version: 1 | 3; inDataOnly?: boolean }]>([
    ['of version 1', { version: 1 }],
    ['of version 3', { version: 3 }],
    ['for a whole organization', { version: 3, inDataOnly: true }],
  ])('%s says what it is for', async (_, options) => {
    await using folder = await makeTemporaryFolder()
    const file = makeEntitlement(makeAuthority(), folder.path, '17', { ...options, paths: rhel })
    const found = readEntitlement(file, '', readFileSync(file, 'utf8'))
    expect(found.covers('/content/dist/rhel9/9/x86_64/baseos/os/')).toBe(true)
    expect(found.covers('/content/dist/rhel8/8/x86_64/baseos/os/')).toBe(false)
    expect(found.saysPaths).toBe(true)
    expect(found.validTo - Date.now()).toBeGreaterThan(99 * 86_400_000)
  })

  test('is chosen by what it covers, whether it is valid, and for how long', async () => {
    await using folder = await makeTemporaryFolder()
    const authority = makeAuthority()
    const make = (number: string, release: number, days: number) =>
      makeEntitlement(authority, folder.path, number, { version: 3, paths: [`/content/dist/rhel${release}/$a`], days })
    const [nine, longer] = [make('1', 9, 10), make('2', 9, 50)]
    const [eight, expired] = [make('3', 8, 90), make('4', 7, -1)]
    writeFileSync(`${folder.path}/5.pem`, 'a certificate without its key is no certificate')
    const chosen = (release: number) => chooseEntitlement(folder.path, [`/content/dist/rhel${release}/x/os/`])
    expect(chosen(9).file).toBe(longer)
    expect(chosen(8).file).toBe(eight)
    rmSync(longer)
    expect(chosen(9).file).toBe(nine)
    // Of what cannot be right the nearest, so that it can be said what is wrong.
    expect(chosen(6).file).toBe(eight)
    const date = /\d{4}-\d\d-\d\d/
    expect(whyRefused(chosen(6), '/content/dist/rhel6/x').replace(/serial \d+/, 'serial N')).toBe(
      `the client certificate ${eight} (serial N) does not cover /content/dist/rhel6/x`,
    )
    expect(whyRefused(chosen(9), '/content/dist/rhel9/x').replace(date, 'DAY')).toMatch(
      /covers the path and is valid until DAY, so that it was revoked, or what it stands for has ended$/,
    )
    for (const number of ['1', '3']) rmSync(`${folder.path}/${number}.pem`)
    expect(chosen(7).file).toBe(expired)
    expect(whyRefused(chosen(7), '/content/dist/rhel7/x')).toMatch(/has expired on \d{4}-\d\d-\d\d$/)
    rmSync(expired)
    expect(() => chosen(7)).toThrow(
      `entitlement: there is no certificate with its key in ${folder.path}; register this host`,
    )
    expect(() => chooseEntitlement('/nowhere', ['/'])).toThrow('entitlement: Cannot read /nowhere: no such file')
  })
})

test('a certificate that expires soon is a warning, in days', () => {
  const day = 86_400_000
  const now = Date.UTC(2026, 0, 10)
  const of = (days: number) => ({ file: '/etc/c.pem', validFrom: 0, validTo: now + days * day, serial: '1' })
  const warning = (days: number) => expiryWarning(of(days), 30 * day, now)
  expect(warning(31)).toBeUndefined()
  expect(warning(30)).toBe('the client certificate /etc/c.pem expires in 30 days, on 2026-02-09')
  expect(warning(1)).toBe('the client certificate /etc/c.pem expires in 1 day, on 2026-01-11')
  expect(warning(-1)).toBe('the client certificate /etc/c.pem has expired on 2026-01-09')
})
