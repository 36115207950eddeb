import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MirrorError } from '../../../src/errors.ts'
import type { Terms } from '../../../src/openpgp/judge.ts'
import { readKeyring } from '../../../src/openpgp/keyring.ts'
import { nevraOf } from '../../../src/rpm/called.ts'
import { formatNevra } from '../../../src/rpm/nevra.ts'
import { readHeaders } from '../../../src/rpm/rpm.ts'
import { PackageCheck } from '../../../src/sync/gpgcheck/packageCheck.ts'
import { type Gnupg, makeGnupg } from '../../helpers/gpg.ts'
import { judge } from '../../helpers/judges.ts'
import { bin, layOutRpm, makeRpm, type RpmSpec, signatureTags, tags } from '../../helpers/rpmfile.ts'
import { makeRpmkeys, type Rpmkeys, signRpm } from '../../helpers/rpmSigning.ts'
import { makeTemporaryFolder, type TemporaryFolder } from '../../helpers/temporary.ts'

const fixture = (name: string) => readFileSync(join(import.meta.dirname, '../../fixtures/rpm/signed', name))

/** EdDSA stands in tags of DSA. */
const [dsaHeader, sigGpg] = [267, 1005]
const { sha1: sha1Header, sha256: sha256Header } = signatureTags
const { payloadSha256 } = tags

/**
 * The verdict on a package that goes by in pieces: the primary key's fingerprint, or the error's line.
 * @param nevra what the metadata calls it, by default what it is called
 */
async function verdict(
  rpm: Buffer,
  keys: Buffer[],
  terms: Partial<Terms> = {},
  piece = 1000,
  nevra = called(rpm),
): Promise<string> {
  const ring = await readKeyring(keys.map((bytes, i) => ({ name: `keys ${i}`, bytes })))
  const check = new PackageCheck(nevra, ring, { now: new Date(), policy: { expiry: 'signing' }, ...terms })
  for (let at = 0; at < rpm.length; at += piece) check.update(rpm.subarray(at, at + piece))
  try {
    return check.finish().fingerprint
  } catch (error) {
    if (error instanceof MirrorError) return error.line
    throw error
  }
}

function called(rpm: Buffer): string {
  try {
    return formatNevra(nevraOf(readHeaders(() => rpm).main))
  } catch {
    return 'a broken package'
  }
}

describe('signatures of other signers', () => {
  const rsa = fixture('rpm.org-rsa-2048-test.pub')
  const rsaFingerprint = '771b18d3d7baa28734333c424344591e1964c5fc'

  test.each([
    ['a version 3 packet of header, and one of header and payload', 'hello-2.0-1.x86_64-v3-signed.rpm'],
    ['version 4 packets', 'hello-2.0-1.x86_64-signed.rpm'],
    ['a header alone, with SHA512', 'hlinktest-1.0-1.noarch-v3sig.rpm'],
    ['ML-DSA beside RSA', 'hello-2.0-1.x86_64-signed-mldsa87.rpm'],
  ])('%s', async (_what, name) => {
    const rpm = fixture(name)
    for (const piece of [1, 4096, rpm.length]) expect(await verdict(rpm, [rsa], {}, piece)).toBe(rsaFingerprint)
    expect(await verdict(rpm, [fixture('rpm-rs-v6-rsa4k.asc')])).toMatch(/^E_RPM_SIG: no good signature: .*unknown key/)
  })

  test.each(['rpm-rs-v6-ed25519.asc', 'rpm-rs-v6-rsa4k.asc'])('one of several of version 6: %s', async (name) => {
    const rpm = fixture('rpm-basic-multiple-signatures.rpm')
    expect(await verdict(rpm, [fixture(name)])).toMatch(/^[0-9a-f]{64}$/)
  })

  test('is no good for a package that the metadata calls something else', async () => {
    const rpm = fixture('hello-2.0-1.x86_64-signed.rpm')
    expect(await verdict(rpm, [rsa], {}, 4096, 'hello-2.0-1.x86_64')).toBe(rsaFingerprint)
    for (const nevra of ['hello-3.0-1.x86_64', 'hello-1:2.0-1.x86_64', 'goodbye-2.0-1.x86_64', 'hello-2.0-1.src'])
      expect(await verdict(rpm, [rsa], {}, 4096, nevra)).toBe(
        'E_NEVRA: what is signed is hello-2.0-1.x86_64, and the metadata says otherwise',
      )
  })

  test('an algorithm that is not checked here is named', async () => {
    const line = await verdict(fixture('rpm-basic-mldsa65.rpm'), [rsa])
    expect(line).toBe('E_RPM_SIG: no good signature: not supported 23cde04477b8bbcf (ML-DSA-65+Ed25519/SHA512)')
  })
})

describe.skipIf(!judge('gpg', 'rpmsign', 'rpmkeys'))("the verdict on a package is rpm's", () => {
  let folder: TemporaryFolder
  let gpg: Gnupg
  let users: Buffer
  let rpmkeys: Rpmkeys
  const plain = { name: 'pilot', description: 'the one that is signed' }
  const laidOut = layOutRpm(plain)

  beforeAll(async () => {
    folder = await makeTemporaryFolder()
    gpg = makeGnupg(folder.path)
    for (const [user, algorithm] of Object.entries({
      Rsa: 'rsa2048',
      Rsa4096: 'rsa4096',
      Dsa: 'dsa2048',
      Ed: 'ed25519',
    }))
      gpg.key(user, algorithm)
    for (const user of ['Ecdsa', 'Foreign', 'Revoked']) gpg.key(user, user === 'Ecdsa' ? 'nistp256' : 'ed25519')
    gpg.key('Expired', 'rsa2048', { at: '20200101T000000', expires: '30d' })
    gpg.run(['--quick-add-key', gpg.key('Parent', 'ed25519'), 'ed25519', 'sign', 'never'])
    revoked = signRpm(gpg, 'Revoked', laidOut.bytes)
    gpg.revoke('Revoked')
    users = gpg.publicKeys('Rsa', 'Rsa4096', 'Dsa', 'Ed', 'Ecdsa', 'Revoked', 'Expired', 'Parent')
    rpmkeys = makeRpmkeys(folder.path, [users])
  }, 60_000)

  let revoked: Buffer

  afterAll(async () => {
    gpg?.[Symbol.dispose]()
    await folder?.[Symbol.asyncDispose]()
  })

  /** Ours, after rpm was asked whether it takes the package. */
  async function compared(rpm: Buffer, terms: Partial<Terms> = {}): Promise<{ ours: string; rpm: boolean }> {
    const { good, said } = rpmkeys(rpm)
    const ours = await verdict(rpm, [users], terms)
    expect(good, `${ours}\n${said}`).toBe(!ours.startsWith('E_'))
    return { ours, rpm: good }
  }

  const good = { ours: expect.stringMatching(/^[0-9a-f]{40}$/), rpm: true }
  const bad = (line: string | RegExp) => ({ ours: expect.stringMatching(line), rpm: false })
  const weak = { policy: { weakHashes: true, expiry: 'signing' } } as const
  const sha1 = ['--define', '_gpg_digest_algo sha1']

  test.each([
    ['RSA', 'Rsa', []],
    ['RSA of 4096 bits', 'Rsa4096', []],
    ['DSA', 'Dsa', []],
    ['EdDSA', 'Ed', []],
    ['a signing subkey', 'Parent', []],
    ['RSA of header and payload too', 'Rsa', ['--rpmv3']],
    ['EdDSA of header and payload too', 'Ed', ['--rpmv3']],
    ['RSA with SHA-1, where that is let pass', 'Rsa', sha1],
    [
      'a key that has expired since',
      'Expired',
      ['--define', '_gpg_sign_cmd_extra_args --faked-system-time 20200110T000000'],
    ],
  ])('good: %s', async (_what, user, args) => {
    expect(await compared(signRpm(gpg, user, laidOut.bytes, args), weak)).toEqual(good)
  })

  test('bad: SHA-1 where that is not let pass, which rpm takes', async () => {
    const rpm = signRpm(gpg, 'Rsa', laidOut.bytes, sha1)
    expect(await verdict(rpm, [users])).toMatch(/^E_RPM_SIG: no good signature: weak hash [0-9a-f]{16} \(SHA1\)$/)
  })

  test('bad: not signed', async () => {
    expect(await compared(laidOut.bytes)).toEqual(bad('E_RPM_SIG: no good signature: it is not signed'))
  })

  test('bad: signed with a key that is not there', async () => {
    const rpm = signRpm(gpg, 'Foreign', laidOut.bytes)
    expect(await compared(rpm)).toEqual(
      bad(/^E_RPM_SIG: no good signature: unknown key [0-9a-f]{16} \([0-9a-f]{40}\)$/),
    )
  })

  test('bad: signed with a key that was revoked since, which rpm 4.18 does not look at', async () => {
    expect(await verdict(revoked, [users])).toMatch(/^E_RPM_SIG: no good signature: revoked key /)
  })

  /** A package whose headers are made here, with a signature of its main header or of both header and payload. */
  function signedHere(spec: RpmSpec, user: string, tag: number, covers: 'header' | 'both' = 'header'): Buffer {
    const { bytes, parts } = layOutRpm(spec)
    const signed = bytes.subarray(parts.main[0], covers === 'both' ? undefined : parts.main[1])
    const signature = gpg.run(['--local-user', user, '--detach-sign'], signed)
    const { faults } = spec
    const signatureEntries = [...(faults?.signatureEntries ?? []), bin(tag, signature)]
    return makeRpm({ ...spec, faults: { ...faults, signatureEntries } })
  }

  test('good: ECDSA, which rpm 4.18 cannot check', async () => {
    expect(await verdict(signedHere(plain, 'Ecdsa', dsaHeader), [users])).toMatch(/^[0-9a-f]{40}$/)
  })

  test('good: header and payload alone, with a digest of neither but MD5', async () => {
    const spec = { ...plain, without: [payloadSha256], faults: { withoutSignature: [sha1Header, sha256Header] } }
    expect(await verdict(signedHere(spec, 'Ed', sigGpg, 'both'), [users])).toMatch(/^[0-9a-f]{40}$/)
  })

  test('bad: a header that is signed and says nothing of its payload', async () => {
    const rpm = signedHere({ ...plain, without: [payloadSha256] }, 'Ed', dsaHeader)
    expect(await compared(rpm)).toEqual(bad('E_RPM_DIGEST: its header is signed, and says nothing of its payload'))
  })

  test('bad: a signature that was made of another header', async () => {
    const { bytes, parts } = layOutRpm({ ...plain, description: 'another' })
    const signature = gpg.run(['--local-user', 'Ed', '--detach-sign'], bytes.subarray(...parts.main))
    const rpm = makeRpm({ ...plain, faults: { signatureEntries: [bin(dsaHeader, signature)] } })
    expect(await compared(rpm)).toEqual(bad(/^E_RPM_SIG: no good signature: signature of other bytes /))
  })

  test('bad: another payload', async () => {
    const rpm = signRpm(gpg, 'Ed', laidOut.bytes)
    rpm[rpm.length - 1]! ^= 1
    expect(await compared(rpm)).toEqual(bad(/^E_RPM_DIGEST: the sha256 digest of its payload differs: expected /))
  })

  test('bad: another payload with signatures of header and payload', async () => {
    const rpm = signedHere({ ...plain, without: [payloadSha256] }, 'Ed', sigGpg, 'both')
    rpm[rpm.length - 1]! ^= 1
    expect(await compared(rpm)).toEqual(bad(/^E_RPM_SIG: no good signature: signature of other bytes /))
  })

  test('bad: a header that was changed', async () => {
    const rpm = signRpm(gpg, 'Ed', laidOut.bytes)
    rpm[rpm.indexOf('the one that')]! ^= 1
    expect(await compared(rpm)).toEqual(bad(/^E_RPM_DIGEST: the sha256 digest of its header differs: expected /))
  })

  test('bad: a signature that is none', async () => {
    const rpm = makeRpm({ ...plain, faults: { signatureEntries: [bin(dsaHeader, Buffer.from('none'))] } })
    expect(await compared(rpm)).toEqual(bad(/^E_RPM_SIG: no good signature: (no|malformed) signature \(DSAHEADER/))
  })

  test('bad: a tag of signatures in the main header, or in both, which rpm refuses when it installs', async () => {
    const both = { ...plain, entries: [bin(dsaHeader, Buffer.alloc(70))] }
    const line = 'E_RPM: its main header holds tag 267, which belongs to the signature header'
    for (const rpm of [makeRpm(both), signedHere(both, 'Ed', dsaHeader)]) expect(await verdict(rpm, [users])).toBe(line)
  })

  test('bad: a file that ends early, and one that is no package', async () => {
    expect(await compared(laidOut.bytes.subarray(0, 200))).toEqual(bad('E_RPM: it is cut off after 200 bytes'))
    expect(await compared(Buffer.from('no package'.repeat(20)))).toEqual(
      bad('E_RPM: not an RPM: the first bytes are others'),
    )
  })
})
