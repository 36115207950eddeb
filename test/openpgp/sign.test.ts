import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSigner } from '../../src/openpgp/sign.ts'
import { askGpgv, askSqv, type Gnupg, makeGnupg } from '../helpers/gpg.ts'
import { judge } from '../helpers/judges.ts'
import { makeTemporaryFolder, type TemporaryFolder } from '../helpers/temporary.ts'

const data = Buffer.from('<repomd/>\n')

describe.skipIf(!judge('gpg', 'gpgv'))('a signer', () => {
  let folder: TemporaryFolder
  let gpg: Gnupg
  const algorithms = { Rsa: 'rsa2048', Eddsa: 'ed25519', Ecdsa: 'nistp256' }

  beforeAll(async () => {
    folder = await makeTemporaryFolder()
    gpg = makeGnupg(folder.path)
    for (const [name, algorithm] of Object.entries(algorithms)) gpg.key(name, algorithm)
    for (const name of ['Parent', 'Revoked']) gpg.key(name, 'ed25519')
    gpg.run(['--quick-add-key', fingerprintOf('Parent'), 'ed25519', 'sign', 'never'])
    gpg.key('Expired', 'ed25519', { at: '20200101T000000', expires: '30d' })
    gpg.revoke('Revoked')
  }, 60_000)

  afterAll(async () => {
    gpg?.[Symbol.dispose]()
    await folder?.[Symbol.asyncDispose]()
  })

  function fingerprintOf(user: string): string {
    const listing = gpg.run(['--with-colons', '--list-keys', user]).toString()
    return (/^fpr:+([0-9A-F]+):/m.exec(listing)?.[1] ?? '').toLowerCase()
  }

  test.each(Object.keys(algorithms))('of %s signs what gpgv, sqv and rpm verify', async (user) => {
    const signer = await openSigner(gpg.privateKey(user))
    expect(signer.fingerprint).toBe(fingerprintOf(user))
    const [signature, key] = [Buffer.from(await signer.sign(data)), Buffer.from(signer.publicKey)]
    expect(signature.toString()).toMatch(/^-----BEGIN PGP SIGNATURE-----\n/)
    const binary = gpg.run(['--dearmor'], key)
    expect(askGpgv(folder.path, binary, signature, data)).toMatchObject({ good: true })
    if (judge('sqv')) expect(askSqv(folder.path, key, signature, data)).toBe(true)
    if (judge('rpmkeys') && user !== 'Ecdsa') expect(imported(user, key)).toBe(0)
  })

  /** What rpm makes of the key; its ECDSA came with 4.19. */
  function imported(user: string, key: Buffer): number | null {
    const database = join(folder.path, `rpmdb-${user}`)
    mkdirSync(database)
    const file = join(folder.path, `${user}.key`)
    writeFileSync(file, key)
    return spawnSync('rpmkeys', ['--dbpath', database, '--import', file]).status
  }

  test('signs with a subkey where the primary key is elsewhere', async () => {
    const signer = await openSigner(gpg.run(['--armor', '--export-secret-subkeys', 'Parent']))
    const signature = Buffer.from(await signer.sign(data))
    expect(signer.fingerprint).toBe(fingerprintOf('Parent'))
    expect(askGpgv(folder.path, gpg.run(['--export', 'Parent']), signature, data).good).toBe(true)
  })

  test('opens a key with its passphrase only', async () => {
    gpg.run(['--passphrase', 'open sesame', '--quick-gen-key', 'Locked <locked@example.org>', 'ed25519', 'sign'])
    const key = gpg.privateKey('Locked', 'open sesame')
    const signer = await openSigner(key, 'open sesame')
    expect(await signer.sign(data)).toContain('SIGNATURE')
    await expect(openSigner(key)).rejects.toThrow(
      'Cannot sign with this key: it is locked with a passphrase; none was given',
    )
    await expect(openSigner(key, 'sesame')).rejects.toThrow(
      'Cannot sign with this key: the passphrase does not unlock it',
    )
  })

  test.each([
    ['a public key', () => gpg.publicKeys('Rsa'), /it holds no private OpenPGP key; write one with gpg/],
    ['no key', () => Buffer.from('key'), /it holds no private OpenPGP key/],
    ['two keys', () => gpg.run(['--export-secret-keys', 'Rsa', 'Eddsa']), /it holds 2 private keys; one expected/],
    [
      'one that has expired',
      () => gpg.privateKey('Expired'),
      /[0-9a-f]{40} expired 2020-01-31T00:00:00.000Z; prolong it/,
    ],
    ['one that was revoked', () => gpg.privateKey('Revoked'), /[0-9a-f]{40} was revoked/],
  ])('does not open %s', async (_what, key, reason) => {
    await expect(openSigner(key())).rejects.toMatchObject({ code: 'E_KEY', message: expect.stringMatching(reason) })
  })

  test('does not sign after its key has expired', async () => {
    const signer = await openSigner(gpg.privateKey('Expired'), undefined, new Date('2020-01-10'))
    expect(await signer.sign(data, new Date('2020-01-20'))).toContain('SIGNATURE')
    await expect(signer.sign(data)).rejects.toThrow(/expired 2020-01-31/)
  })
})
