import { createHash, type Hash } from 'node:crypto'
import { MirrorError } from '../../errors.ts'
import { describe, type Good, isGood, Judgement, type Rejection, type Terms } from '../../openpgp/judge.ts'
import type { Keyring } from '../../openpgp/keyring.ts'
import { readOneSignature } from '../../openpgp/verify.ts'
import { nevraOf } from '../../rpm/called.ts'
import { formatNevra } from '../../rpm/nevra.ts'
import { type PassedHeaders, PassingPackage } from '../../rpm/passing.ts'
import { type PackageSignature, type PayloadDigest, payloadDigestOf, signaturesOf } from '../../rpm/signatures.ts'
import { signatureTag } from '../../rpm/tags.ts'
import { checkHeaderDigests, checkSignatureTags, differs } from '../../rpm/verify.ts'

/**
 * One package while its bytes go by on their way to the disk: whether a key that counts has signed it, and as what the
 * metadata calls it, lest an old package that was signed once is given for a new one. A signature of the header suffices
 * where the header states a digest of the payload, which is then compared; otherwise one of header and payload is needed.
 * What is found before the end is told at the end, because the file may be another than was asked for.
 */
export class PackageCheck {
  readonly #nevra: string
  readonly #keyring: Keyring
  readonly #terms: Terms
  readonly #passing: PassingPackage
  #called = ''
  #failure: MirrorError | undefined
  #rejections: Rejection[] = []
  #ofHeader: Good | undefined
  /** Signatures of header and payload that are under way. */
  #ofBoth: Judgement[] = []
  #stated: PayloadDigest | undefined
  #payload: Hash | undefined
  #md5: { stated: string; hash: Hash } | undefined

  /** @param nevra what the metadata calls the package, as `formatNevra` writes it */
  constructor(nevra: string, keyring: Keyring, terms: Terms) {
    this.#nevra = nevra
    this.#keyring = keyring
    this.#terms = terms
    this.#passing = new PassingPackage({
      headers: (headers) => this.#readHeaders(headers),
      payload: (bytes) => this.#readPayload(bytes),
    })
  }

  update(bytes: Buffer): void {
    if (this.#failure === undefined) this.#guarded(() => this.#passing.update(bytes))
  }

  /**
   * Ends the bytes.
   * @throws E_RPM_SIG with the reason of each signature, E_RPM_DIGEST for a header or payload that is not the stated one,
   * E_NEVRA for another package than the metadata says, E_RPM for what is no package
   */
  finish(): Good {
    this.#guarded(() => this.#passing.end())
    if (this.#failure !== undefined) throw this.#failure
    this.#checkPayload()
    const good = (this.#stated === undefined ? undefined : this.#ofHeader) ?? this.#finishBoth()
    if (good !== undefined) return this.#asListed(good)
    if (this.#ofHeader === undefined) throw new MirrorError('E_RPM_SIG', this.#reasons())
    throw new MirrorError('E_RPM_DIGEST', 'its header is signed, and says nothing of its payload')
  }

  /** Others than rpm itself call a source package without its sources `nosrc`. */
  #asListed(good: Good): Good {
    if (this.#called === this.#nevra.replace(/\.nosrc$/, '.src')) return good
    throw new MirrorError('E_NEVRA', `what is signed is ${this.#called}, and the metadata says otherwise`)
  }

  #guarded(step: () => void): void {
    try {
      step()
    } catch (error) {
      if (!(error instanceof MirrorError)) throw error
      this.#failure ??= error
    }
  }

  #readHeaders({ rpm, header }: PassedHeaders): void {
    checkSignatureTags(rpm)
    this.#called = formatNevra(nevraOf(rpm.main))
    if (!checkHeaderDigests(rpm, header)) this.#expectMd5(rpm.signature.bin(signatureTag.md5), header)
    this.#stated = payloadDigestOf(rpm)
    if (this.#stated !== undefined) this.#payload = createHash(this.#stated.algorithm)
    const signatures = signaturesOf(rpm)
    for (const signature of signatures.filter(({ covers }) => covers === 'header')) this.#judgeHeader(signature, header)
    const isCovered = this.#ofHeader !== undefined && this.#stated !== undefined
    if (!isCovered) for (const one of signatures.filter(({ covers }) => covers === 'both')) this.#begin(one, header)
  }

  #judgeHeader(signature: PackageSignature, header: Buffer): void {
    if (this.#ofHeader !== undefined) return
    const judgement = this.#judgementOf(signature)
    if (judgement === undefined) return
    judgement.update(header)
    const verdict = judgement.finish()
    if (isGood(verdict)) this.#ofHeader = verdict
    else this.#rejections.push(verdict)
  }

  #begin(signature: PackageSignature, header: Buffer): void {
    const judgement = this.#judgementOf(signature)
    if (judgement === undefined) return
    judgement.update(header)
    this.#ofBoth.push(judgement)
  }

  #judgementOf({ packet, tag }: PackageSignature): Judgement | undefined {
    const read = readOneSignature(packet)
    if (!('reason' in read)) return new Judgement(read, this.#keyring, this.#terms)
    this.#rejections.push({ ...read, detail: `${tag}: ${read.detail}` })
    return undefined
  }

  #readPayload(bytes: Buffer): void {
    this.#payload?.update(bytes)
    this.#md5?.hash.update(bytes)
    for (const judgement of this.#ofBoth) judgement.update(bytes)
  }

  #expectMd5(stated: Buffer | undefined, header: Buffer): void {
    if (stated === undefined) throw new MirrorError('E_RPM_DIGEST', 'it holds no digest of its header')
    this.#md5 = { stated: stated.toString('hex'), hash: createHash('md5').update(header) }
  }

  #checkPayload(): void {
    const payload = this.#payload?.digest('hex')
    if (this.#stated !== undefined && payload !== this.#stated.hex)
      throw differs(`the ${this.#stated.algorithm} digest of its payload`, this.#stated.hex, payload as string)
    const md5 = this.#md5?.hash.digest('hex')
    if (this.#md5 !== undefined && md5 !== this.#md5.stated)
      throw differs('its MD5 digest', this.#md5.stated, md5 as string)
  }

  /** A header that is signed says nothing of a payload that it states no digest of. */
  #finishBoth(): Good | undefined {
    const verdicts = this.#ofBoth.map((judgement) => judgement.finish())
    this.#rejections.push(...verdicts.filter((verdict): verdict is Rejection => !isGood(verdict)))
    return verdicts.find(isGood)
  }

  #reasons(): string {
    if (this.#rejections.length === 0) return 'no good signature: it is not signed'
    return `no good signature: ${[...new Set(this.#rejections.map(describe))].join('; ')}`
  }
}
