import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { algorithms } from '../../src/digest.ts'
import type { PrimaryPackage } from '../../src/repodata/primary/select.ts'
import { PackageTable } from '../../src/sync/packages.ts'
import { sha256Of } from '../store/opened.ts'

test('packages come back as they were put in, whatever their letters', () => {
  const packages = [
    make({ name: 'bash' }),
    make({ name: 'größe', version: '1.0~β', release: '1^日本', href: 'Packages/größe.rpm', base: 'http://h/ü/' }),
    make({ name: '😀', arch: 'noarch', epoch: '12' }),
    make({ size: 2 ** 50, fileTime: 0, buildTime: 2 ** 32 - 1 }),
  ]
  const table = tableOf(packages)
  expect(table.length).toBe(4)
  expect(packages.map((_, row) => table.package(row))).toEqual(packages)
})

test('a digest of any kind keeps its algorithm and its length', () => {
  const packages = algorithms.map((algorithm) =>
    make({ checksum: { algorithm, hex: createHash(algorithm).update(algorithm).digest('hex') } }),
  )
  const table = tableOf(packages)
  expect(packages.map((_, row) => table.checksum(row))).toEqual(packages.map(({ checksum }) => checksum))
  expect(packages.map((_, row) => table.pkgid(row))).toEqual(packages.map(({ checksum }) => checksum.hex))
})

test('a table grows beyond its first rows and its first bytes', () => {
  const packages = Array.from({ length: 5000 }, (_, i) =>
    make({ name: `package-${i}`, href: `Packages/${'ä'.repeat(i % 100)}/${i}.rpm`, size: i, fileTime: i + 1 }),
  )
  const table = tableOf(packages)
  const rows = [0, 1, 1023, 1024, 2047, 2048, 4095, 4096, 4999]
  expect(rows.map((row) => table.package(row))).toEqual(rows.map((row) => packages[row]))
})

test('one text may be larger than all that there was before', () => {
  const long = 'ü'.repeat(400_000)
  const table = tableOf([make({ name: 'a' }), make({ href: long }), make({ name: 'b' })])
  expect([table.name(0), table.href(1) === long, table.name(2)]).toEqual(['a', true, 'b'])
})

test('a package without an xml:base has none, and an empty one is none', () => {
  const table = tableOf([make({ base: undefined }), make({ base: '' }), make({ base: 'b/' })])
  expect([0, 1, 2].map((row) => table.base(row))).toEqual([undefined, undefined, 'b/'])
})

test('a package is called by its name, version, release and arch, and its epoch where it has one', () => {
  const table = tableOf([make({ name: 'bash' }), make({ name: 'bash', epoch: '2' })])
  expect([table.nevra(0), table.nevra(1)]).toEqual(['bash-1.0-1.x86_64', 'bash-2:1.0-1.x86_64'])
})

function make(other: Partial<PrimaryPackage>): PrimaryPackage {
  return {
    name: 'name',
    arch: 'x86_64',
    epoch: '0',
    version: '1.0',
    release: '1',
    checksum: { algorithm: 'sha256', hex: sha256Of(JSON.stringify(other)) },
    size: 1,
    href: 'Packages/n/name.rpm',
    base: undefined,
    fileTime: 1_700_000_000,
    buildTime: 1_700_000_001,
    ...other,
  }
}

function tableOf(packages: PrimaryPackage[]): PackageTable {
  const table = new PackageTable()
  for (const [row, pkg] of packages.entries()) expect(table.add(pkg)).toBe(row)
  return table
}
