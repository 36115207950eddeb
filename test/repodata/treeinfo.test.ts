import { describe, expect, test } from 'vitest'
import { parseTreeinfo } from '../../src/repodata/treeinfo.ts'

const sha256 = 'a'.repeat(64)
const parse = (...lines: string[]) => parseTreeinfo(Buffer.from(lines.join('\n')), '.treeinfo')
const named = (...lines: string[]) =>
  parse(...lines).files.map(({ path, digest }) => `${path} ${digest?.algorithm ?? 'open'}`)

describe('a treeinfo of productmd', () => {
  const lines = [
    '[checksums]',
    `images/boot.iso = sha256:${sha256}`,
    `repodata/repomd.xml = sha256:${sha256}`,
    `../../AppStream/os/repodata/repomd.xml = sha256:${sha256}`,
    '',
    '[general]',
    '; WARNING.0 = This section provides compatibility with pre-productmd treeinfos.',
    'packagedir = Packages',
    'repository = .',
    '[header]',
    'type = productmd.treeinfo',
    'version = 1.2',
    '[images-x86_64]',
    'boot.iso = images/boot.iso',
    'kernel = images/pxeboot/vmlinuz',
    '[images-xen]',
    'kernel = images/pxeboot/vmlinuz',
    '[stage2]',
    'instimage = ',
    'mainimage = images/install.img',
    '[variant-AppStream]',
    'packages = ../../../AppStream/x86_64/os/Packages',
    'repository = ../../../AppStream/x86_64/os/',
    'id = AppStream',
    '[addon-HighAvailability]',
    'repository = HighAvailability/repodata',
  ]

  test('names each file once, with what is stated of it', () => {
    expect(parse(...lines).files).toEqual([
      {
        path: 'images/boot.iso',
        digest: { algorithm: 'sha256', hex: sha256 },
        size: undefined,
        place: '.treeinfo, line 2',
      },
      { path: 'images/pxeboot/vmlinuz', digest: undefined, size: undefined, place: '.treeinfo, line 17' },
      { path: 'images/install.img', digest: undefined, size: undefined, place: '.treeinfo, line 20' },
    ])
  })

  test('tells where its variants are', () => {
    const folders = parse(...lines).variants.map(({ variant, key, folder, line }) => [variant, key, folder, line])
    expect(folders).toEqual([
      ['AppStream', 'packages', '../../../AppStream/x86_64/os/Packages', 22],
      ['AppStream', 'repository', '../../../AppStream/x86_64/os', 23],
      ['HighAvailability', 'repository', 'HighAvailability', 26],
    ])
  })

  test('may have the line ends of DOS, a byte order mark and colons', () => {
    expect(parse(`\ufeff[images-x86_64]\r\nkernel: images/vmlinuz\r\n`).files).toMatchObject([
      { path: 'images/vmlinuz' },
    ])
  })

  test('may say the same twice', () => {
    expect(named('[images-x86_64]', 'kernel = k', 'kernel = k', '[images-x86_64]', 'kernel = k')).toEqual(['k open'])
  })
})

describe('a treeinfo from before productmd', () => {
  test('may have absolute paths, which begin behind os/', () => {
    const lines = [
      '[general]',
      'family = Fedora',
      '[images-i386]',
      'kernel = /mnt/7/i386/os/images/vmlinuz',
      'initrd = /images/initrd.img',
    ]
    expect(named(...lines)).toEqual(['images/vmlinuz open', 'images/initrd.img open'])
    expect(() => named('[header]', 'version = 1.0', '[images-i386]', 'kernel = /images/vmlinuz')).toThrow('leads out')
  })

  test('may state checksums without their kind, which their length tells', () => {
    const lines = [32, 40, 64].map((length) => `images/${length} = ${'0'.repeat(length)}`)
    expect(named('[checksums]', ...lines)).toEqual(['images/32 md5', 'images/40 sha1', 'images/64 sha256'])
  })
})

describe('what is refused with its line', () => {
  test.each([
    [
      'a path out of the tree',
      ['[stage2]', 'mainimage = images/../../secret'],
      'E_PATH',
      'line 2: "images/../../secret" is refused: it leads out of the tree',
    ],
    [
      'an absolute path',
      ['[header]', 'version = 1.2', '[stage2]', 'mainimage = /etc/passwd'],
      'E_PATH',
      'line 4: "/etc/passwd" is refused',
    ],
    ['a checksum of a path outside', ['[checksums]', `../x = sha256:${sha256}`], 'E_PATH', 'line 2: "../x"'],
    ['a hidden file', ['[stage2]', 'mainimage = .mirror'], 'E_PATH', 'a part begins with a dot'],
    ['a package', ['[stage2]', 'mainimage = Packages/a.rpm'], 'E_PATH', '.rpm is for packages'],
    ['metadata', ['[stage2]', 'mainimage = ./repodata/x'], 'E_PATH', 'repodata/ is for metadata'],
    ['a folder', ['[stage2]', 'mainimage = images/'], 'E_PATH', 'it names no file'],
    ['a name of control characters', ['[stage2]', 'mainimage = a\tb'], 'E_PATH', 'control character'],
    ['a very long path', ['[stage2]', `mainimage = ${'x/'.repeat(600)}x`], 'E_PATH', 'longer than 1000 bytes'],
    [
      'an unknown checksum',
      ['[checksums]', 'a = crc32:12345678'],
      'E_HASH',
      '.treeinfo, line 2: unknown checksum type "crc32"',
    ],
    ['a checksum of the wrong length', ['[checksums]', 'a = sha256:1234'], 'E_HASH', '.treeinfo, line 2: malformed'],
    ['a key before any section', ['kernel = x'], 'E_TREEINFO', '.treeinfo, line 1: expected [section] or key = value'],
    [
      'a continued line',
      ['[images-x86_64]', 'kernel = x', '  initrd = y'],
      'E_TREEINFO',
      '.treeinfo, line 3: expected',
    ],
    ['a login page', ['<!DOCTYPE html>', '<html>'], 'E_TREEINFO', '.treeinfo, line 1: expected'],
    ['nothing', ['', '; nothing'], 'E_TREEINFO', '.treeinfo: there is nothing in it'],
    [
      'a key with two values',
      ['[stage2]', 'mainimage = a', 'mainimage = b'],
      'E_TREEINFO',
      'line 3: mainimage stands twice',
    ],
    [
      'two checksums of a file',
      ['[checksums]', `a = sha256:${sha256}`, `./a = sha256:${'b'.repeat(64)}`],
      'E_TREEINFO',
      'line 3: a is not what .treeinfo, line 2 says of it',
    ],
    [
      'a million files',
      ['[images-x86_64]', ...Array.from({ length: 10_001 }, (_, i) => `${i} = ${i}`)],
      'E_LIMIT',
      'more than 10000',
    ],
    [
      'a huge document',
      ['[stage2]', '; '.padEnd(1_100_000, '#')],
      'E_LIMIT',
      '.treeinfo: it is larger than 1048576 bytes',
    ],
  ])('%s', (_, lines, code, message) => {
    expect(() => parse(...lines)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }))
  })
})
