import { MirrorError } from '../errors.ts'
import { readArmor } from './armor.ts'
import { describe, type Good, isGood, Judgement, type Rejection, type Terms } from './judge.ts'
import type { Keyring } from './keyring.ts'
import { Malformed, packetTag, readPackets } from './packet.ts'
import { readSignaturePacket, type SignaturePacket } from './signaturePacket.ts'

/** The signature that counted, and what each of the others lacks. */
export type Verification = Good & { ignored: Rejection[] }

/** What a file of signatures may hold at most. */
const limits = { bytes: 1024 * 1024, packets: 100 }

/**
 * Verifies a detached signature, armored or binary. One good signature of a key that counts suffices; where several are
 * good the first is returned. Never rely on the exit status of gpgv for this: it says less.
 * @throws E_SIG with one reason for each signature
 */
export function verifyDetached(data: Buffer, signature: Buffer, keyring: Keyring, terms: Terms): Verification {
  const read = readSignatures(signature)
  const verdicts = read.map((one) => ('reason' in one ? one : judge(data, one, keyring, terms)))
  const ignored = verdicts.filter((verdict): verdict is Rejection => !isGood(verdict))
  const good = verdicts.find(isGood)
  if (good !== undefined) return { ...good, ignored }
  throw new MirrorError('E_SIG', `no good signature: ${ignored.map(describe).join('; ')}`)
}

function judge(data: Buffer, signature: SignaturePacket, keyring: Keyring, terms: Terms): Good | Rejection {
  const judgement = new Judgement(signature, keyring, terms)
  judgement.update(data)
  return judgement.finish()
}

/** The signatures of a file; what is none of them, with its reason. */
export function readSignatures(bytes: Buffer): (SignaturePacket | Rejection)[] {
  try {
    if (bytes.length > limits.bytes) throw new Malformed(`larger than ${limits.bytes} bytes`)
    const packets = detached(bytes)
    const read = packets === undefined ? [] : [...signaturesOf(packets)]
    return read.length > 0 ? read : [rejection('no signature')]
  } catch (error) {
    if (error instanceof Inline) return [rejection('inline signature', 'a detached one expected')]
    if (error instanceof Malformed) return [rejection('malformed signature', error.message)]
    throw error
  }
}

/** A message that holds what it signs: that may be anything, and is not what was published beside it. */
class Inline extends Error {}

function detached(bytes: Buffer): Buffer | undefined {
  if (bytes.length === 0) return undefined
  if (((bytes[0] as number) & 0x80) !== 0) return bytes
  const blocks = readArmor(bytes.toString('latin1'))
  if (blocks.some(({ kind }) => kind.endsWith('MESSAGE'))) throw new Inline()
  return Buffer.concat(blocks.filter(({ kind }) => kind === 'SIGNATURE').map((block) => block.bytes))
}

const inline = new Set<number>([
  packetTag.onePass,
  packetTag.compressed,
  packetTag.encrypted,
  packetTag.literal,
  packetTag.sealed,
])

function* signaturesOf(bytes: Buffer): Generator<SignaturePacket | Rejection> {
  for (const { tag, body } of readPackets(bytes, limits.packets)) {
    if (inline.has(tag)) throw new Inline()
    if (tag === packetTag.marker || tag === packetTag.padding) continue
    if (tag !== packetTag.signature || body === undefined) throw new Malformed(`packet ${tag} stands in it`)
    yield readSignature(body)
  }
}

/** The one signature that bytes hold without armor, as in the header of a package. */
export function readOneSignature(bytes: Buffer | undefined): SignaturePacket | Rejection {
  const [first, ...others] = bytes === undefined ? [] : readSignatures(bytes)
  if (first === undefined) return rejection('no signature')
  return others.length === 0 ? first : rejection('malformed signature', `${others.length + 1} packets, 1 expected`)
}

/** One signature packet's body; a broken one does not spoil the others. */
function readSignature(body: Buffer): SignaturePacket | Rejection {
  try {
    return readSignaturePacket(body)
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    const reason = error.message.endsWith('not supported') ? 'not supported' : 'malformed signature'
    return rejection(reason, error.message)
  }
}

function rejection(reason: Rejection['reason'], detail = ''): Rejection {
  return { reason, keyId: undefined, detail }
}
