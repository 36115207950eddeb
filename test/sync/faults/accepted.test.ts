import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { judge } from '../../helpers/judges.ts'
import { modulesYaml } from '../../helpers/modulemd.ts'
import { makeRepository, type PackageSpec, type RepositoryOptions } from '../../helpers/repository.ts'
import { watchMemory } from './memory.ts'
import { type MirroredSite, mirroredSite } from './mirroredSite.ts'
import { documentHref, editDocument, storeDocument } from './upstreamEdits.ts'

/** What is odd, and right all the same: it is published, and the tree is closed. */
type Odd = {
  what: string
  packages?: PackageSpec[]
  repository?: RepositoryOptions
  spoil?: (dir: string) => Promise<void>
  settings?: object
  /** What the operator is told of it, once. */
  told?: string
  /** How many packages are published. */
  published?: number
}

const megabyte = 2 ** 20
const packages: PackageSpec[] = [{ name: 'alpha' }, { name: 'beta' }, { name: 'gamma' }]

/** Puts primary into another wrapping, rightly described. */
function wrapped(wrap: (primary: Buffer) => Buffer): (dir: string) => Promise<void> {
  return async (dir) => {
    const primary = gunzipSync(readFileSync(join(dir, await documentHref(dir, 'primary'))))
    await storeDocument(dir, 'primary', { bytes: wrap(primary), open: primary })
  }
}

/** A zstd frame of four bytes that decoders pass over (RFC 8878 section 3.1.2). */
const skippable = Buffer.from('502a4d1804000000deadbeef', 'hex')

const odd: Odd[] = [
  {
    what: 'A2: a million zstd frames to be skipped',
    spoil: wrapped((primary) => Buffer.concat([...Array(1e6).fill(skippable), zstdCompressSync(primary)])),
  },
  {
    what: 'A4: gzip in two members',
    spoil: wrapped((primary) => Buffer.concat([gzipSync(primary.subarray(0, 500)), gzipSync(primary.subarray(500))])),
  },
  {
    what: 'M4: comps with a plain DOCTYPE',
    repository: {
      records: [
        {
          type: 'group',
          name: 'comps.xml',
          body: '<?xml version="1.0"?>\n<!DOCTYPE comps PUBLIC "-//Red Hat, Inc.//DTD Comps info//EN" "http://127.0.0.1:1/comps.dtd">\n<comps/>\n',
        },
      ],
    },
    settings: { comps: 'present' },
  },
  {
    what: 'M7: a checksum in capitals',
    spoil: (dir) =>
      editDocument(dir, 'primary', (text) =>
        text.replaceAll(/(<checksum[^>]*>)(\w+)/g, (_, tag: string, hex: string) => tag + hex.toUpperCase()),
      ),
  },
  { what: 'M8: filelists and other in another order', repository: { order: 'shuffled' } },
  {
    what: 'M8: no filelists at all',
    repository: { omit: ['filelists'] },
    told: 'filelists',
  },
  {
    what: 'M9: one record listed twice',
    packages: [...packages, { name: 'alpha' }],
    published: 4,
    told: 'alpha-1.0-1.x86_64',
  },
  {
    what: 'M9: one NEVRA with two checksums',
    packages: [...packages, { name: 'alpha', buildTime: 1_700_000_001, href: 'other/alpha-1.0-1.x86_64.rpm' }],
    published: 4,
    told: 'alpha-1.0-1.x86_64',
  },
  {
    what: 'M9: one package at two hrefs',
    packages: [...packages, { name: 'alpha', href: 'other/alpha-1.0-1.x86_64.rpm' }],
    published: 4,
    told: 'alpha-1.0-1.x86_64',
  },
  {
    what: 'M14: an advisory with 100,000 references, and records of unknown types',
    repository: {
      records: [
        {
          type: 'updateinfo',
          name: 'updateinfo.xml.gz',
          body: `<updates><update type="security" from="x@example.com" status="final" version="1"><id>A-1</id><title>t</title><references>${'<reference href="https://example.com/" id="CVE-2020-1" type="cve" title="t"/>'.repeat(1e5)}</references><pkglist><collection><name>c</name><package name="alpha" version="1.0" release="1" epoch="0" arch="x86_64"><filename>alpha-1.0-1.x86_64.rpm</filename></package></collection></pkglist></update></updates>`,
        },
        { type: 'weather', name: 'weather.json', body: '{}' },
        { type: 'primary_zck', name: 'primary.xml.zck', body: 'no chunk table' },
      ],
    },
    settings: { updateinfo: 'present', excludepkgs: ['gamma'] },
    published: 2,
  },
  {
    what: 'A7: a package whose payload unpacks to 1 GiB',
    packages: [...packages, { name: 'bomb', body: gzipSync(Buffer.alloc(1024 * megabyte), { level: 1 }) }],
    published: 4,
  },
]

async function published(mirrored: MirroredSite, { packages: own = packages, repository = {}, spoil }: Odd) {
  await makeRepository(mirrored.dir, own, repository)
  await spoil?.(mirrored.dir)
  await using running = mirrored.startSync()
  using memory = watchMemory(running.child.pid as number)
  const { status, stderr } = await running.ended
  return { status, stderr, peak: memory.peak, report: await mirrored.check() }
}

describe('what is odd and not wrong is published, within the same memory', () => {
  test.for(odd)('$what', async (one) => {
    await using mirrored = await mirroredSite(one.settings)
    const { status, stderr, peak, report } = await published(mirrored, one)
    expect({ status, problems: report.problems }, stderr).toEqual({ status: 0, problems: [] })
    expect(report.packages).toHaveLength(one.published ?? packages.length)
    if (one.told !== undefined) expect(stderr).toContain(one.told)
    expect(peak).toBeLessThan(300 * megabyte)
  })
})

test.skipIf(!judge('xz'))('A3: xz in 100,000 empty streams is read in bounded memory and time', async () => {
  await using mirrored = await mirroredSite({ compression: 'gz' })
  const empty = execFileSync('xz', ['-c'], { input: '' })
  const xz = (open: Buffer) => execFileSync('xz', ['-c'], { input: open })
  const spoil = wrapped((primary) => Buffer.concat([...Array(1e5).fill(empty), xz(primary)]))
  const { status, stderr, peak, report } = await published(mirrored, { what: 'xz', spoil })
  expect({ status, problems: report.problems }, stderr).toEqual({ status: 0, problems: [] })
  expect(peak).toBeLessThan(300 * megabyte)
})

describe('M14: modules documents that clients would refuse leave the old generation', () => {
  const aliases = Array.from({ length: 30 }, (_, i) => `  a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]\n`)
  const good = modulesYaml([{ name: 'app', stream: 's', version: 1, artifacts: ['alpha-0:1.0-1.x86_64'] }])
  const bad: [what: string, yaml: string, reason: RegExp][] = [
    ['a bomb of aliases', `---\ndocument: modulemd # 1\ndata:\n  a0: &a0 [x]\n${aliases.join('')}`, /alias count/i],
    ['nested 100,000 deep', `---\n${'['.repeat(100_000)}`, /stack size/i],
    ['tabs', good.replace('  name: app', '\tname: app'), /tab/i],
  ]
  test.for(bad)('%s', async ([, yaml, reason]) => {
    await using mirrored = await mirroredSite({ newest_only: true })
    const modules = (body: string) => ({ records: [{ type: 'modules', name: 'modules.yaml.gz', body }] })
    await makeRepository(mirrored.dir, packages, modules(good))
    expect(await mirrored.sync()).toMatchObject({ status: 0 })
    await makeRepository(mirrored.dir, [...packages, { name: 'delta' }], modules(yaml))
    const { status, stderr } = await mirrored.sync()
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/^E_MODULES repo: Cannot sync from \S+: .*; generation 1 is still served$/m),
    })
    expect(stderr).toMatch(reason)
    const { problems, packages: still } = await mirrored.check()
    expect({ problems, still: still.length }).toEqual({ problems: [], still: 3 })
  })
})
