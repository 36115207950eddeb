import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MirrorError } from '../../src/errors.ts'
import { describe as inWords, type Terms } from '../../src/openpgp/judge.ts'
import { readKeyring } from '../../src/openpgp/keyring.ts'
import { verifyDetached } from '../../src/openpgp/verify.ts'
import { askGpgv, askSqv, type Gnupg, makeGnupg } from '../helpers/gpg.ts'
import { judge } from '../helpers/judges.ts'
import { makeTemporaryFolder, type TemporaryFolder } from '../helpers/temporary.ts'

const data = Buffer.from('<repomd/>\n')
const other = Buffer.from('<repomd />\n')
const installed = judge('gpg', 'gpgv')

describe.skipIf(!installed)('a detached signature', () => {
  let folder: TemporaryFolder
  let gpg: Gnupg
  let revokedSignature: Buffer
  const fingerprints = new Map<string, string>()
  const algorithms = { Rsa2048: 'rsa2048', Rsa4096: 'rsa4096', Dsa: 'dsa2048', Eddsa: 'ed25519', Ecdsa: 'nistp256' }

  beforeAll(async () => {
    folder = await makeTemporaryFolder()
    gpg = makeGnupg(folder.path)
    const make = (name: string, ...rest: [string, object?]) => fingerprints.set(name, gpg.key(name, ...rest))
    for (const [name, algorithm] of Object.entries(algorithms)) make(name, algorithm)
    make('Expired', 'ed25519', { at: '20200101T000000', expires: '30d' })
    for (const name of ['Revoked', 'Foreign', 'Parent']) make(name, 'ed25519')
    gpg.run(['--quick-add-key', fingerprints.get('Parent') as string, 'ed25519', 'sign', 'never'])
    revokedSignature = gpg.sign('Revoked', data)
    gpg.revoke('Revoked')
  }, 60_000)

  afterAll(async () => {
    gpg?.[Symbol.dispose]()
    await folder?.[Symbol.asyncDispose]()
  })

  /** The verdict on a signature: the fingerprint of the key that signed, or the error's line. */
  async function verdict(signature: Buffer, users: string[] | Buffer, terms: Partial<Terms> = {}): Promise<string> {
    const bytes = Buffer.isBuffer(users) ? users : gpg.publicKeys(...users)
    const ring = await readKeyring([{ name: 'keys', bytes }])
    try {
      return verifyDetached(data, signature, ring, { now: new Date(), ...terms }).fingerprint
    } catch (error) {
      if (error instanceof MirrorError) return error.line
      throw error
    }
  }

  /** What gpgv says of it. */
  function gpgv(signature: Buffer, ...users: string[]): { good: boolean; words: string[] } {
    return askGpgv(folder.path, gpg.run(['--export', ...users]), signature, data)
  }

  test.each(Object.keys(algorithms))('of %s counts, as for gpgv and sqv', async (name) => {
    const signature = gpg.sign(name, data)
    expect(await verdict(signature, [name])).toBe(fingerprints.get(name))
    expect(gpgv(signature, name).good).toBe(true)
    if (judge('sqv')) expect(askSqv(folder.path, gpg.publicKeys(name), signature, data)).toBe(true)
  })

  test.each(Object.keys(algorithms))('of %s does not count for other bytes', async (name) => {
    const signature = gpg.sign(name, other)
    expect(await verdict(signature, [name])).toMatch(
      /^E_SIG: no good signature: signature of other bytes [0-9a-f]{16} /,
    )
    expect(gpgv(signature, name).words).toContain('BADSIG')
  })

  test('may be binary', async () => {
    const signature = gpg.run(['--local-user', 'Eddsa', '--detach-sign'], data)
    expect(await verdict(signature, ['Eddsa'])).toBe(fingerprints.get('Eddsa'))
  })

  test('of a subkey counts as its primary key', async () => {
    const signature = gpg.sign('Parent', data)
    const ring = await readKeyring([{ name: 'keys', bytes: gpg.publicKeys('Parent') }])
    const found = verifyDetached(data, signature, ring, { now: new Date() })
    expect(found).toMatchObject({ fingerprint: fingerprints.get('Parent'), userId: 'Parent <parent@example.org>' })
    expect(found.signingKey).toBe(ring.keys[0]?.subkeys[0]?.fingerprint)
    expect(gpgv(signature, 'Parent').good).toBe(true)
  })

  describe('does not count', () => {
    test('where there is none', async () => {
      const none = 'E_SIG: no good signature: no signature'
      expect(await verdict(Buffer.alloc(0), ['Eddsa'])).toBe(none)
      expect(await verdict(Buffer.from('<!DOCTYPE html><title>404</title>'), ['Eddsa'])).toBe(none)
    })

    test('of a key that is not there', async () => {
      const signature = gpg.sign('Foreign', data)
      const fingerprint = fingerprints.get('Foreign') as string
      const reason = `unknown key ${fingerprint.slice(-16)} (${fingerprint})`
      expect(await verdict(signature, ['Eddsa'])).toBe(`E_SIG: no good signature: ${reason}`)
      expect(gpgv(signature, 'Eddsa').words).toContain('NO_PUBKEY')
    })

    test('of a key that has expired, even if it was made before', async () => {
      const signature = gpg.sign('Expired', data, { at: '20200110T000000' })
      expect(await verdict(signature, ['Expired'])).toMatch(
        /^E_SIG: no good signature: expired key [0-9a-f]{16} \([0-9a-f]{40} expired 2020-01-31T00:00:00.000Z\)$/,
      )
      expect(gpgv(signature, 'Expired').words).toContain('EXPKEYSIG')
      expect(await verdict(signature, ['Expired'], { now: new Date('2020-01-20') })).toBe(fingerprints.get('Expired'))
      expect(await verdict(signature, ['Expired'], { policy: { expiry: 'signing' } })).toBe(fingerprints.get('Expired'))
    })

    test('that has expired itself', async () => {
      const signature = gpg.sign('Rsa2048', data, { args: ['--default-sig-expire', '2d'] })
      const now = new Date(Date.now() + 3 * 86_400_000)
      expect(await verdict(signature, ['Rsa2048'])).toBe(fingerprints.get('Rsa2048'))
      expect(await verdict(signature, ['Rsa2048'], { now })).toMatch(/^E_SIG: no good signature: expired signature /)
    })

    test('that expired a while ago, as for gpgv', async () => {
      const at = gpg.key('Early', 'ed25519', { at: '20200101T000000' })
      const signature = gpg.sign('Early', data, { at: '20200110T000000', args: ['--default-sig-expire', '2d'] })
      expect(await verdict(signature, ['Early'])).toMatch(
        /^E_SIG: .*expired signature .* \(2020-01-12T00:00:00.000Z\)$/,
      )
      expect(gpgv(signature, 'Early').words).toContain('EXPSIG')
      expect(at).toMatch(/^[0-9a-f]{40}$/)
    })

    test('of a key that was revoked, even if it was made before', async () => {
      expect(await verdict(revokedSignature, ['Revoked'])).toBe(
        `E_SIG: no good signature: revoked key ${fingerprints.get('Revoked')?.slice(-16)} (${fingerprints.get('Revoked')})`,
      )
      expect(gpgv(revokedSignature, 'Revoked').words).toContain('REVKEYSIG')
    })

    test('of SHA-1, which gpgv takes, unless that is let pass; of MD5 never', async () => {
      const signature = gpg.sign('Rsa2048', data, { args: ['--digest-algo', 'SHA1'] })
      expect(await verdict(signature, ['Rsa2048'])).toMatch(/^E_SIG: .*: weak hash [0-9a-f]{16} \(SHA1\)$/)
      expect(await verdict(signature, ['Rsa2048'], { policy: { weakHashes: true } })).toBe(fingerprints.get('Rsa2048'))
      const md5 = gpg.sign('Rsa2048', data, { args: ['--digest-algo', 'MD5'] })
      expect(await verdict(md5, ['Rsa2048'], { policy: { weakHashes: true } })).toMatch(/: weak hash .* \(MD5\)$/)
    })

    test('that was made in the future', async () => {
      const signature = gpg.sign('Eddsa', data, { at: '20990101T000000' })
      expect(await verdict(signature, ['Eddsa'])).toMatch(
        /^E_SIG: no good signature: created in the future [0-9a-f]{16} \(2099-01-01T00:00:00.000Z\)$/,
      )
    })

    test('inside of a message, of whatever kind', async () => {
      const clear = gpg.run(['--local-user', 'Eddsa', '--clear-sign'], data)
      const inline = gpg.run(['--local-user', 'Eddsa', '--sign'], data)
      const armored = gpg.run(['--local-user', 'Eddsa', '--armor', '--sign', '--compress-algo', 'none'], data)
      for (const message of [clear, inline, armored])
        expect(await verdict(message, ['Eddsa'])).toBe(
          'E_SIG: no good signature: inline signature (a detached one expected)',
        )
    })

    test('of text instead of bytes', async () => {
      const signature = gpg.sign('Eddsa', data, { args: ['--textmode'] })
      expect(await verdict(signature, ['Eddsa'])).toMatch(
        /not supported [0-9a-f]{16} \(signature type 1; of bytes \(0\) expected\)$/,
      )
    })

    test('that is cut off, or whose armor is damaged', async () => {
      const signature = gpg.sign('Eddsa', data)
      const cut = signature.subarray(0, 150)
      expect(await verdict(cut, ['Eddsa'])).toBe(
        'E_SIG: no good signature: malformed signature (the armored SIGNATURE has no end)',
      )
      const binary = gpg.run(['--local-user', 'Eddsa', '--detach-sign'], data)
      expect(await verdict(binary.subarray(0, 60), ['Eddsa'])).toBe(
        'E_SIG: no good signature: malformed signature (a packet is cut off)',
      )
    })

    test('of a subkey that nothing binds, or that does not bind itself', async () => {
      const bytes = stolenSubkey(gpg)
      const signature = gpg.sign('Parent', data)
      const line = await verdict(signature, bytes)
      expect(line).toMatch(/^E_SIG: no good signature: bad key binding [0-9a-f]{16} \([0-9a-f]{40}: /)
      expect(askGpgv(folder.path, bytes, signature, data).good).toBe(false)
    })
  })

  describe('with fingerprints that are pinned', () => {
    test('counts of these alone', async () => {
      const signature = gpg.sign('Eddsa', data)
      const users = ['Eddsa', 'Ecdsa']
      const pins = [fingerprints.get('Eddsa') as string]
      expect(await verdict(signature, users, { pins })).toBe(pins[0])
      expect(await verdict(signature, users, { pins: [fingerprints.get('Ecdsa') as string] })).toBe(
        `E_SIG: no good signature: not a pinned key ${pins[0]?.slice(-16)} (${pins[0]})`,
      )
    })

    test('a key id is no fingerprint', async () => {
      const fingerprint = fingerprints.get('Eddsa') as string
      const line = await verdict(gpg.sign('Eddsa', data), ['Eddsa'], { pins: [fingerprint.slice(-16)] })
      expect(line).toMatch(/: not a pinned key /)
    })
  })

  describe('among several', () => {
    test('suffices, whatever the others are; each of them is told with its reason', async () => {
      const several = Buffer.concat([gpg.sign('Foreign', data), gpg.sign('Ecdsa', other), gpg.sign('Eddsa', data)])
      const ring = await readKeyring([{ name: 'keys', bytes: gpg.publicKeys('Eddsa', 'Ecdsa') }])
      const found = verifyDetached(data, several, ring, { now: new Date() })
      expect(found).toMatchObject({ fingerprint: fingerprints.get('Eddsa'), algorithm: 'EdDSA/SHA256' })
      expect(found.ignored.map(inWords)).toEqual([
        expect.stringMatching(/^unknown key /),
        expect.stringMatching(/^signature of other bytes /),
      ])
    })

    test('must be there: otherwise every reason is told', async () => {
      const several = Buffer.concat([gpg.sign('Foreign', data), gpg.sign('Ecdsa', other)])
      expect(await verdict(several, ['Eddsa', 'Ecdsa'])).toMatch(
        /^E_SIG: no good signature: unknown key .*; signature of other bytes /,
      )
    })

    test('is looked for in a bounded number', async () => {
      const one = gpg.run(['--local-user', 'Eddsa', '--detach-sign'], data)
      const bomb = Buffer.concat(Array.from({ length: 101 }, () => one))
      expect(await verdict(bomb, ['Eddsa'])).toBe(
        'E_SIG: no good signature: malformed signature (more than 100 packets)',
      )
    })
  })

  test("a user id that looks like gpg's own words is harmless", async () => {
    const name = 'x\n[GNUPG:] GOODSIG 0000000000000000 Admin'
    const fingerprint = gpg.key('Harmless', 'ed25519')
    const packets = withUserId(gpg.run(['--export', fingerprint]), name)
    const ring = await readKeyring([{ name: 'keys', bytes: packets }])
    expect(ring.keys[0]?.userIds).toEqual(['x [GNUPG:] GOODSIG 0000000000000000 Admin'])
    expect(await verdict(gpg.sign('Harmless', data), packets)).toMatch(/^E_SIG: no good signature: bad key binding /)
  })
})

/** Subkeys that others' test suites have for this. */
describe('subkeys of CVE-2021-3521', () => {
  const fixture = (name: string) => readFileSync(join(import.meta.dirname, '../fixtures/rpm/signed', name))

  test.each(['CVE-2021-3521-badbind.asc', 'CVE-2021-3521-nosubsig.asc'])('%s is not bound', async (name) => {
    const { keys } = await readKeyring([{ name, bytes: fixture(name) }])
    expect(keys[0]?.unfit).toBeUndefined()
    for (const subkey of keys[0]?.subkeys ?? []) expect(subkey.unfit).toMatchObject({ reason: 'bad key binding' })
    expect(keys[0]?.subkeys.length).toBeGreaterThan(0)
  })
})

/** One key with the subkey of another, and the binding that was made for that. */
function stolenSubkey(gpg: Gnupg): Buffer {
  const thief = gpg.run(['--export', 'Eddsa'])
  const victim = packetsOf(gpg.run(['--export', 'Parent']))
  const at = victim.findIndex(({ tag }) => tag === 14)
  return Buffer.concat([thief, ...victim.slice(at).map(({ bytes }) => bytes)])
}

/** The key with its user id replaced; its certification is then of another one. */
function withUserId(key: Buffer, name: string): Buffer {
  const userId = Buffer.concat([Buffer.from([0xc0 | 13, Buffer.byteLength(name)]), Buffer.from(name)])
  return Buffer.concat(packetsOf(key).map(({ tag, bytes }) => (tag === 13 ? userId : bytes)))
}

type Cut = { tag: number; bytes: Buffer }

/** Packets of the old form, as gpg writes keys: an independent, small reader. */
function packetsOf(bytes: Buffer): Cut[] {
  const packets: Cut[] = []
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at] as number
    const size = 1 << (first & 3)
    const end = at + 1 + size + bytes.readUIntBE(at + 1, size)
    packets.push({ tag: (first >> 2) & 15, bytes: bytes.subarray(at, end) })
    at = end
  }
  return packets
}
