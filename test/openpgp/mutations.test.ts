import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MirrorError } from '../../src/errors.ts'
import { type Keyring, readKeyring } from '../../src/openpgp/keyring.ts'
import { verifyDetached } from '../../src/openpgp/verify.ts'
import { askGpgv, askSqv, type Gnupg, makeGnupg } from '../helpers/gpg.ts'
import { judge } from '../helpers/judges.ts'
import { makeTemporaryFolder, type TemporaryFolder } from '../helpers/temporary.ts'

const data = Buffer.from('<repomd/>\n')

/** Numbers below a bound, the same ones for the same seed (xorshift). */
function randomly(seed: number): (bound: number) => number {
  let state = seed
  return (bound) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % bound
  }
}

/** One change to bytes: a bit, an octet, one more, one less, a cut, a part that comes twice. */
function mutated(bytes: Buffer, random: (bound: number) => number): Buffer {
  const at = random(bytes.length)
  const changed = Buffer.from(bytes)
  const kind = random(6)
  if (kind === 0) changed[at]! ^= 1 << random(8)
  if (kind === 1) changed[at] = random(256)
  if (kind === 2) return Buffer.concat([bytes.subarray(0, at), Buffer.from([random(256)]), bytes.subarray(at)])
  if (kind === 3) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)])
  if (kind === 4) return bytes.subarray(0, at)
  if (kind === 5) return Buffer.concat([bytes, bytes.subarray(at)])
  return changed
}

/** Runs of the test with MUTATIONS=100000 look further. */
const tries = Number(process.env.MUTATIONS ?? 600)

describe.skipIf(!judge('gpg', 'gpgv', 'sqv'))('mutations', () => {
  let folder: TemporaryFolder
  let gpg: Gnupg
  const users = { Rsa: 'rsa2048', Dsa: 'dsa2048', Eddsa: 'ed25519', Ecdsa: 'nistp256' }

  beforeAll(async () => {
    folder = await makeTemporaryFolder()
    gpg = makeGnupg(folder.path)
    for (const [user, algorithm] of Object.entries(users)) gpg.key(user, algorithm)
  }, 60_000)

  afterAll(async () => {
    gpg?.[Symbol.dispose]()
    await folder?.[Symbol.asyncDispose]()
  })

  /** Whether it counts; anything but a clear refusal is thrown. */
  function counts(signature: Buffer, keyring: Keyring): boolean {
    try {
      return verifyDetached(data, signature, keyring, { now: new Date() }).fingerprint !== ''
    } catch (error) {
      if (error instanceof MirrorError && error.code === 'E_SIG') return false
      throw error
    }
  }

  test.each(Object.keys(users))(
    'of a signature of %s end in a verdict, and none counts that gpgv refuses',
    async (user) => {
      const keys = gpg.run(['--export', user])
      const keyring = await readKeyring([{ name: 'keys', bytes: keys }])
      const signature = gpg.run(['--local-user', user, '--detach-sign'], data)
      const random = randomly(signature.length * 7919 + 1)
      const accepted = Array.from({ length: tries }, () => mutated(signature, random)).filter((one) =>
        counts(one, keyring),
      )
      // The first of many alike suffice; each costs a process.
      const unlike = new Map(accepted.map((one) => [one.toString('hex'), one])).values().take(25)
      for (const one of unlike)
        expect(askGpgv(folder.path, keys, one, data), one.toString('hex')).toMatchObject({ good: true })
      expect(accepted.length).toBeLessThan(tries / 4)
      expect(counts(signature, keyring)).toBe(true)
    },
  )

  /** Whether key, user id and what the self-signature hashes are there as they were: what differs is the unhashed key id. */
  function isUntouched(keys: Buffer, one: Buffer): boolean {
    const unhashed = keys.indexOf(Buffer.from('000a0910', 'hex'))
    return one.length === keys.length && one.subarray(0, unhashed).equals(keys.subarray(0, unhashed))
  }

  test('of a key end in a keyring or E_KEY, and no signature counts that gpgv and sqv refuse, unless all that is signed is as it was', async () => {
    const keys = gpg.run(['--export', 'Eddsa'])
    const signature = gpg.run(['--local-user', 'Eddsa', '--detach-sign'], data)
    const random = randomly(4711)
    let checked = 0
    for (let i = 0; i < tries / 5; i++) {
      const one = mutated(keys, random)
      const keyring = await readKeyring([{ name: 'keys', bytes: one }]).catch((error: unknown) => {
        if (error instanceof MirrorError && error.code === 'E_KEY') return undefined
        throw error
      })
      if (keyring === undefined || !counts(signature, keyring) || ++checked > 25) continue
      // In what is not signed gpg wants the key id of self-signatures that state the whole fingerprint.
      const good =
        isUntouched(keys, one) ||
        askGpgv(folder.path, one, signature, data).good ||
        askSqv(folder.path, one, signature, data)
      expect(good, one.toString('hex')).toBe(true)
    }
  })
})
