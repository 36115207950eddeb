import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Terms } from '../../src/openpgp/judge.ts'
import { readKeyring } from '../../src/openpgp/keyring.ts'
import { verifyDetached } from '../../src/openpgp/verify.ts'
import { askGpgv, askSqv, type Gnupg, makeGnupg } from '../helpers/gpg.ts'
import { judge } from '../helpers/judges.ts'
import { makeTemporaryFolder, type TemporaryFolder } from '../helpers/temporary.ts'

const data = Buffer.from('<repomd/>\n')
const installed = judge('gpg', 'gpgv')

describe.skipIf(!installed)('a detached signature', () => {
  let folder: TemporaryFolder
  let gpg: Gnupg
  const fingerprints = new Map<string, string>()

  beforeAll(async () => {
    folder = await makeTemporaryFolder()
    gpg = makeGnupg(folder.path)
    for (const [name, algorithm] of Object.entries(algorithms)) fingerprints.set(name, gpg.key(name, algorithm))
    fingerprints.set('Expired', gpg.key('Expired', 'rsa2048', { at: '20200101T000000', expires: '30d' }))
    fingerprints.set('Revoked', gpg.key('Revoked', 'ed25519'))
    fingerprints.set('Foreign', gpg.key('Foreign', 'ed25519'))
  })

  afterAll(async () => {
    gpg?.[Symbol.dispose]()
    await folder?.[Symbol.asyncDispose]()
  })

  /** Our verdict: the fingerprint of the key that signed, or the error's line. */
  async function verdict(signature: Buffer, keys: Buffer, terms: Partial<Terms> = {}, signed = data): Promise<string> {
    const ring = await readKeyring([{ name: 'keys', bytes: keys }])
    try {
      return verifyDetached(signed, signature, ring, { now: new Date(), ...terms }).fingerprint
    } catch (error) {
      return (error as { line: string }).line
    }
  }

  const algorithms = { Rsa2048: 'rsa2048', Rsa4096: 'rsa4096', Dsa: 'dsa2048', Eddsa: 'ed25519', Ecdsa: 'nistp256' }

  test.each(Object.keys(algorithms))('of %s counts, as for gpgv and sqv', async (name) => {
    const [keys, signature] = [gpg.publicKeys(name), gpg.sign(name, data)]
    expect(await verdict(signature, keys)).toBe(fingerprints.get(name))
    expect(askGpgv(folder.path, binary(gpg, name), signature, data).good).toBe(true)
    if (judge('sqv')) expect(askSqv(folder.path, keys, signature, data)).toBe(true)
  })

  test.each(Object.keys(algorithms))('of %s does not count for other bytes', async (name) => {
    const [keys, signature] = [gpg.publicKeys(name), gpg.sign(name, Buffer.from('<repomd />\n'))]
    expect(await verdict(signature, keys)).toMatch(/^E_SIG: no good signature: signature of other bytes [0-9a-f]{16} /)
    expect(askGpgv(folder.path, binary(gpg, name), signature, data).words).toContain('BADSIG')
  })
})

function binary(gpg: Gnupg, ...users: string[]): Buffer {
  return gpg.run(['--export', ...users])
}
