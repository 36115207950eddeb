import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { DocumentName } from '../../src/repodata/documents.ts'
import { readFilelists } from '../../src/repodata/filelists/read.ts'
import { writeFilelists, writeFilelistsExt } from '../../src/repodata/filelists/write.ts'
import { readOther } from '../../src/repodata/other/read.ts'
import { writeOther } from '../../src/repodata/other/write.ts'
import { type Dependency, dependencyKinds, isPrimaryFile, type Package } from '../../src/repodata/package.ts'
import { readPrimary } from '../../src/repodata/primary/read.ts'
import { writePrimary } from '../../src/repodata/primary/write.ts'
import { read, written } from '../xml/documents.ts'

/** Whatever XML can hold; what it cannot never comes to the writers. */
const text = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  .map((found) => found.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '<&>'))
const maybe = fc.option(text, { nil: undefined })
const size = fc.nat({ max: 2 ** 40 })

const dependency: fc.Arbitrary<Dependency> = fc.oneof(
  fc.record({
    name: text,
    flags: fc.constant(undefined),
    epoch: fc.constant(undefined),
    version: fc.constant(undefined),
    release: fc.constant(undefined),
    pre: fc.constant(false),
  }),
  fc.record({
    name: text,
    flags: fc.constantFrom('LT', 'GT', 'EQ', 'LE', 'GE'),
    epoch: maybe,
    version: maybe,
    release: maybe,
    pre: fc.constant(false),
  }),
)
const requirement = fc.tuple(dependency, fc.boolean()).map(([found, pre]): Dependency => ({ ...found, pre }))

const package_: fc.Arbitrary<Package> = fc.record({
  pkgid: fc.constant('0f'.repeat(32)),
  checksumType: fc.constant('sha256'),
  name: text,
  arch: text,
  epoch: text,
  version: text,
  release: text,
  summary: maybe,
  description: maybe,
  packager: maybe,
  url: maybe,
  fileTime: size,
  buildTime: size,
  packageSize: size,
  installedSize: size,
  archiveSize: size,
  href: text,
  base: fc.option(
    text.filter((found) => !found.startsWith('/')),
    { nil: undefined },
  ),
  license: maybe,
  vendor: maybe,
  group: maybe,
  buildHost: maybe,
  sourceRpm: maybe,
  headerStart: size,
  headerEnd: size,
  dependencies: fc.record(
    Object.fromEntries(
      dependencyKinds.map((kind) => [kind, fc.array(kind === 'requires' ? requirement : dependency, { maxLength: 3 })]),
    ),
  ),
  files: fc.array(
    fc.record({
      path: fc.oneof(
        text,
        text.map((name) => `/etc/${name}`),
      ),
      type: fc.constantFrom('file', 'dir', 'ghost'),
      digest: fc.constant(undefined),
    }),
    { maxLength: 4 },
  ),
  changelogs: fc.array(fc.record({ author: text, date: size, text }), { maxLength: 3 }),
})

test('what is written of a package is read again, through whole documents', async () => {
  await fc.assert(
    fc.asyncProperty(package_, async (pkg) => {
      const { changelogs, ...described } = pkg
      const files = pkg.files.filter(({ path }) => isPrimaryFile(path))
      expect(await throughDocument(writePrimary(pkg), 'primary', readPrimary)).toEqual({ ...described, files })
      const { pkgid } = pkg
      expect(await throughDocument(writeFilelists(pkg), 'filelists', readFilelists)).toEqual({
        pkgid,
        files: pkg.files,
      })
      expect(await throughDocument(writeOther(pkg), 'other', readOther)).toEqual({ pkgid, changelogs })
      const hashed = pkg.files.map((file) => ({ ...file, digest: 'ab' }))
      const extended = writeFilelistsExt({ ...pkg, files: hashed }, 'sha256')
      expect(readFilelists(Buffer.from(extended)).files).toEqual(hashed)
    }),
    { numRuns: 200 },
  )
})

async function throughDocument<Found>(
  record: string,
  name: DocumentName,
  reader: (record: Buffer) => Found,
): Promise<Found> {
  const found: Found[] = []
  const { isPlain } = await read([written([record], name)], name, (bytes) => found.push(reader(bytes)))
  expect([found.length, isPlain]).toEqual([1, true])
  return found[0] as Found
}
