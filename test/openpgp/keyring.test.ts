import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MirrorError } from '../../src/errors.ts'
import { readKeyring } from '../../src/openpgp/keyring.ts'
import { type Gnupg, makeGnupg } from '../helpers/gpg.ts'
import { judge } from '../helpers/judges.ts'
import { makeTemporaryFolder, type TemporaryFolder } from '../helpers/temporary.ts'

const fixture = (name: string) => readFileSync(join(import.meta.dirname, '../fixtures/rpm/signed', name))
const ringOf = async (bytes: Buffer, name = 'keys.asc') => await readKeyring([{ name, bytes }])

async function errorOf(bytes: Buffer): Promise<string> {
  const error: unknown = await ringOf(bytes, '/etc/pki/keys.asc').catch((caught: unknown) => caught)
  return error instanceof MirrorError ? error.line : String(error)
}

describe('a keyring', () => {
  const [rsa, ed25519] = [fixture('rpm.org-rsa-2048-test.pub'), fixture('rpm-rs-v6-ed25519.asc')]

  test('has the keys of every armored block of a file, of version 4 and 6', async () => {
    const text = Buffer.concat([Buffer.from('Our keys:\r\n\r\n'), rsa, Buffer.from('\nand\n'), ed25519])
    const { keys } = await ringOf(text)
    expect(keys.map(({ version, kind, file }) => [version, kind, file])).toEqual([
      [4, 'RSA 2048', 'keys.asc'],
      [6, 'Ed25519 Ed25519', 'keys.asc'],
    ])
    expect(keys[0]).toMatchObject({
      fingerprint: '771b18d3d7baa28734333c424344591e1964c5fc',
      keyId: '4344591e1964c5fc',
      userIds: ['rpm.org RSA testkey <rsa@rpm.org>'],
      expires: undefined,
      isRevoked: false,
    })
  })

  test('has each key once, and the same id whatever files its keys came in', async () => {
    const [a, b] = [
      { name: 'a', bytes: rsa },
      { name: 'b', bytes: ed25519 },
    ]
    const [one, other] = [await readKeyring([a, b, a]), await readKeyring([b, a])]
    expect(one.keys.length).toBe(2)
    expect(other.id).toBe(one.id)
    expect((await readKeyring([a])).id).not.toBe(one.id)
  })

  test('says which subkeys sign, have expired or were revoked', async () => {
    const subkeys = async (name: string) => (await ringOf(fixture(name))).keys[0]?.subkeys[0]
    expect(await subkeys('alice.asc')).toMatchObject({ expires: undefined, isRevoked: false, unfit: undefined })
    expect(await subkeys('alice-expired-subkey.asc')).toMatchObject({ expires: new Date('2022-04-12T00:00:15Z') })
    expect(await subkeys('alice-revoked-subkey.asc')).toMatchObject({ isRevoked: true })
  })
})

describe('a file of keys is refused', () => {
  const rsa = fixture('rpm.org-rsa-2048-test.pub')
  const advice = 'give a file of public keys, as gpg --export --armor writes it'
  const refusal = (what: string) => `E_KEY: Cannot use the keys of /etc/pki/keys.asc: ${what}; ${advice}`

  test.each([
    ['no bytes', Buffer.alloc(0), 'it holds no public key of version 4 or 6'],
    ['no key', Buffer.from('<html>404</html>'), 'it holds no public key of version 4 or 6'],
    ['an end within the armor', rsa.subarray(0, 500), 'the armored PUBLIC KEY BLOCK has no end'],
    ['damaged armor', Buffer.from(rsa.toString().replace('mQ', 'mR')), "an armored block's checksum differs"],
    ['something else', Buffer.from([0xcb, 1, 0]), 'it begins with something else'],
    ['a packet that is cut off', Buffer.from([0x99, 1, 0, 4]), 'a packet is cut off'],
    ['a key of version 3', Buffer.from([0x98, 1, 3]), 'it holds no public key of version 4 or 6'],
  ])('with %s', async (_what, bytes, reason) => {
    expect(await errorOf(bytes)).toBe(refusal(reason))
  })

  describe.skipIf(!judge('gpg'))('with a private key', () => {
    let folder: TemporaryFolder
    let gpg: Gnupg
    beforeAll(async () => {
      folder = await makeTemporaryFolder()
      gpg = makeGnupg(folder.path)
      gpg.key('Private', 'ed25519')
    })
    afterAll(async () => {
      gpg?.[Symbol.dispose]()
      await folder?.[Symbol.asyncDispose]()
    })

    test('armored or not, alone or behind a public one', async () => {
      const armored = gpg.privateKey('Private')
      const binary = gpg.run(['--export-secret-keys', 'Private'])
      for (const bytes of [
        armored,
        binary,
        Buffer.concat([rsa, armored]),
        Buffer.concat([gpg.run(['--export']), binary]),
      ])
        expect(await errorOf(bytes)).toBe(refusal('it holds a private key'))
    })
  })
})
