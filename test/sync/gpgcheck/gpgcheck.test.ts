import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Gnupg, makeGnupg } from '../../helpers/gpg.ts'
import { judge } from '../../helpers/judges.ts'
import { makeRepository, type PackageSpec } from '../../helpers/repository.ts'
import { makeRpm } from '../../helpers/rpmfile.ts'
import { signRpm } from '../../helpers/rpmSigning.ts'
import { makeTemporaryFolder, type TemporaryFolder } from '../../helpers/temporary.ts'
import { listing } from '../faults/listing.ts'
import { type MirroredSite, mirroredSite } from '../faults/mirroredSite.ts'

describe.skipIf(!judge('gpg', 'rpmsign'))('gpgcheck: yes', () => {
  let folder: TemporaryFolder
  let gpg: Gnupg
  let keyFile: string
  let vendor: string
  /** Of a key that was revoked since. */
  let revoked: PackageSpec

  beforeAll(async () => {
    folder = await makeTemporaryFolder()
    gpg = makeGnupg(folder.path)
    vendor = gpg.key('Vendor', 'ed25519')
    for (const user of ['Foreign', 'Revoked']) gpg.key(user, 'ed25519')
    revoked = packageOf('beta', '2.3', 'Revoked')
    gpg.revoke('Revoked')
    keyFile = join(folder.path, 'RPM-GPG-KEY-vendor')
    await writeFile(keyFile, gpg.publicKeys('Vendor', 'Revoked'))
  })

  afterAll(async () => {
    gpg?.[Symbol.dispose]()
    await folder?.[Symbol.asyncDispose]()
  })

  /** A package as its vendor has it: unsigned, or signed by a user, or changed after that. */
  function packageOf(name: string, version: string, user?: string, change = (rpm: Buffer) => rpm): PackageSpec {
    const rpm = makeRpm({ name, version })
    return { name, version, body: change(user === undefined ? rpm : signRpm(gpg, user, rpm)) }
  }

  const tampered = (rpm: Buffer) => {
    rpm[rpm.length - 1]! ^= 1
    return rpm
  }

  const names = ['alpha', 'beta', 'gamma']
  const signed = (version: string) => names.map((name) => packageOf(name, version, 'Vendor'))
  const settings = () => ({ gpgcheck: 'yes', gpgkey: keyFile })

  /** Every file that clients see. */
  const seen = async ({ site }: MirroredSite) => (await listing(site.root)).join('\n')

  /** Whether a package is a content of the pool. */
  function isPooled({ site }: MirroredSite, { body }: PackageSpec): boolean {
    const sha256 = createHash('sha256')
      .update(body as Buffer)
      .digest('hex')
    return existsSync(site.path('state/pool', sha256.slice(0, 2), sha256))
  }

  test('publishes what a key has signed, also where its download was cut off and taken up again', async () => {
    await using mirrored = await mirroredSite()
    const { upstream } = mirrored
    const keyOfUrl = { gpgcheck: 'yes', gpgkey: `${upstream.url}KEY`, fingerprints: [vendor] }
    const repo = { baseurl: upstream.url, retries: 1, retry_delay: 0, timeout: 1, ...keyOfUrl }
    await mirrored.site.writeConfig({ repos: { repo } })
    await makeRepository(mirrored.dir, signed('1.0'))
    await copyFile(keyFile, join(mirrored.dir, 'KEY'))
    mirrored.upstream.rules.push({
      path: 'Packages/a/alpha-1.0-1.x86_64.rpm',
      fault: { kind: 'truncate', after: 700 },
      times: 1,
    })
    expect(await mirrored.sync()).toMatchObject({ status: 0, stderr: expect.not.stringContaining('E_') })
    expect((await mirrored.check()).problems).toEqual([])
    expect(mirrored.upstream.requests.filter(({ path }) => path.includes('alpha')).length).toBe(2)
  })

  test('P9: takes nothing that has no good signature, even if the metadata says so, and goes on when that is mended', async () => {
    await using mirrored = await mirroredSite({ ...settings(), on_missing: 'prune' })
    await makeRepository(mirrored.dir, signed('1.0'))
    expect((await mirrored.sync()).status).toBe(0)
    const before = await seen(mirrored)
    const [alpha, , gamma] = signed('2.0') as [PackageSpec, PackageSpec, PackageSpec]

    for (const [beta, line] of [
      [
        packageOf('beta', '2.0'),
        'E_RPM_SIG repo: Cannot take beta-2.0-1.x86_64 from URL: no good signature: it is not signed',
      ],
      [
        packageOf('beta', '2.1', 'Foreign'),
        /^E_RPM_SIG repo: .*: no good signature: unknown key [0-9a-f]{16} \([0-9a-f]{40}\)/,
      ],
      [
        packageOf('beta', '2.2', 'Vendor', tampered),
        /^E_RPM_DIGEST repo: .*: the sha256 digest of its payload differs: expected [0-9a-f]{16}/,
      ],
      [revoked, /^E_RPM_SIG repo: .*: no good signature: revoked key [0-9a-f]{16}/],
    ] as const) {
      await makeRepository(mirrored.dir, [alpha, beta, gamma], { clean: true })
      const { status, stderr } = await mirrored.sync()
      const lines = stderr.split('\n').filter((one) => one.startsWith('E_'))
      expect({ status, lines: lines.map((one) => one.replace(/http:\S+\.rpm/, 'URL')) }).toEqual({
        status: 1,
        lines: [expect.stringMatching(line)],
      })
      expect(lines[0]).toMatch(/; generation 1 is still served$/)
      expect(await seen(mirrored)).toBe(before)
    }

    await makeRepository(mirrored.dir, signed('2.0'), { clean: true })
    expect((await mirrored.sync()).status).toBe(0)
    expect((await mirrored.check()).problems).toEqual([])
  })

  test.each([
    ['of another version', '2.0', '1.9'],
    ['which is published already', '2.0', '1.0'],
  ])('P10: refuses a new name for a signed package, %s', async (_, listed, actual) => {
    await using mirrored = await mirroredSite(settings())
    await makeRepository(mirrored.dir, signed('1.0'))
    expect((await mirrored.sync()).status).toBe(0)
    const before = await seen(mirrored)
    const [alpha, ...others] = signed('1.0') as [PackageSpec, ...PackageSpec[]]
    const { body } = actual === '1.0' ? alpha : packageOf('alpha', actual, 'Vendor')
    await makeRepository(mirrored.dir, [{ ...alpha, version: listed, body: body as Buffer }, ...others], {
      clean: true,
    })
    const { status, stderr } = await mirrored.sync()
    expect(status).toBe(1)
    expect(stderr.replace(/http:\S+\.rpm/, 'URL')).toMatch(
      new RegExp(
        `E_NEVRA repo: Cannot take alpha-${listed}-1.x86_64 from (?:URL|the pool): what is signed is alpha-${actual}-1.x86_64, and the metadata says otherwise; generation 1 is still served`,
      ),
    )
    expect(await seen(mirrored)).toBe(before)
  })

  test.each<[what: string, settings: (mirrored: MirroredSite) => object]>([
    ['with upstream’s own metadata', ({ upstream }) => ({ baseurl: upstream.url, metadata: 'upstream' })],
    ['of a merge', ({ upstream }) => ({ merge: [upstream.url, `${upstream.url}?again`] })],
    ['of a folder of one’s own', ({ dir }) => ({ local: dir })],
  ])('holds for a repository %s', async (_, where) => {
    await using mirrored = await mirroredSite()
    await mirrored.site.writeConfig({
      repos: { repo: { ...where(mirrored), retries: 1, retry_delay: 0, arch: 'x86_64', ...settings() } },
    })
    await makeRepository(mirrored.dir, signed('1.0'))
    expect(await mirrored.sync()).toMatchObject({ status: 0 })
    const before = await mirrored.check()
    expect([before.problems, before.packages.length]).toEqual([[], 3])
    await makeRepository(mirrored.dir, [...signed('1.0'), packageOf('delta', '1.0', 'Foreign')])
    const { status, stderr } = await mirrored.sync()
    expect({ status, stderr }).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /^E_RPM_SIG repo: Cannot take delta-1\.0-1\.x86_64 .*unknown key.* is still served$/m,
      ),
    })
    expect(await mirrored.check()).toEqual(before)
  })

  test('names every package that is not taken', async () => {
    await using mirrored = await mirroredSite(settings())
    const [unsigned, delta] = [names.map((name) => packageOf(name, '1.0')), packageOf('delta', '1.0', 'Vendor')]
    await makeRepository(mirrored.dir, [...unsigned, delta])
    const { status, stderr } = await mirrored.sync()
    expect(status).toBe(1)
    expect(stderr).toMatch(
      /E_RPM_SIG repo: Cannot take \S+-1.0-1.x86_64 .*it is not signed; 2 other files failed too: /,
    )
    for (const name of names) expect(stderr).toContain(`${name}-1.0-1.x86_64`)
    expect(unsigned.filter((one) => isPooled(mirrored, one))).toEqual([])
    expect(isPooled(mirrored, delta)).toBe(true)
  })

  test('checks what is in the pool already, once', async () => {
    await using mirrored = await mirroredSite()
    const [alpha, beta] = signed('1.0') as [PackageSpec, PackageSpec]
    await makeRepository(mirrored.dir, [alpha, beta, packageOf('gamma', '1.0')])
    expect((await mirrored.sync()).status).toBe(0)
    const repo = { baseurl: mirrored.upstream.url, retries: 1, retry_delay: 0, timeout: 1, ...settings() }
    await mirrored.site.writeConfig({ repos: { repo } })
    mirrored.asked()
    const refused = await mirrored.sync()
    expect(refused.stderr).toContain(
      'E_RPM_SIG repo: Cannot take gamma-1.0-1.x86_64 from the pool: no good signature: it is not signed; generation 1 is still served',
    )
    expect(mirrored.asked().filter((path) => path.startsWith('Packages'))).toEqual([])
    expect(checked(mirrored)).toBe(2)

    await makeRepository(mirrored.dir, [alpha, beta, packageOf('gamma', '1.0', 'Vendor')], { clean: true })
    expect((await mirrored.sync()).status).toBe(0)
    expect(checked(mirrored)).toBe(3)
    expect((await mirrored.check()).problems).toEqual([])
  })

  test('keeps of what the upstream has dropped only what is signed', async () => {
    await using mirrored = await mirroredSite({ removed: 'keep' })
    const [alpha, beta, gamma] = signed('1.0') as [PackageSpec, PackageSpec, PackageSpec]
    await makeRepository(mirrored.dir, [alpha, beta, gamma, packageOf('delta', '1.0')])
    expect((await mirrored.sync()).status).toBe(0)
    const repo = { baseurl: mirrored.upstream.url, removed: 'keep', ...settings() }
    await mirrored.site.writeConfig({ repos: { repo } })
    await makeRepository(mirrored.dir, [alpha, beta], { clean: true })
    const { status, stdout, stderr } = await mirrored.sync()
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.any(String) })
    expect(`${stdout}${stderr}`).toContain(
      'packages that the upstream has dropped are not kept, because of gpgcheck: delta-1.0-1.x86_64 (no good signature: it is not signed)',
    )
    const files = (await seen(mirrored)).split('\n').filter((line) => line.includes('.rpm'))
    const { problems } = await mirrored.check()
    expect(problems).toEqual([])
    expect(files.some((line) => line.includes('gamma'))).toBe(true)
  })

  /** How many contents are remembered as checked. */
  function checked({ site }: MirroredSite): number {
    using database = new DatabaseSync(site.path('state/mirror.db'), { readOnly: true })
    return Number(database.prepare('SELECT count(*) AS n FROM checked').get()?.n)
  }
})
