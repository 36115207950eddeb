import { readKeyring } from '../../openpgp/keyring.ts'
import { pinnedKeys } from '../../openpgp/pinned.ts'
import { companions } from '../../publish/fixedNames.ts'
import type { Edition } from '../edition.ts'
import type { Run } from '../run.ts'
import type { TreeDocument } from '../tree/plan.ts'
import { refuseFormer } from '../trust/judge.ts'
import { fetchIfThere, fetchSignature, type SignatureFile } from '../trust/signatureFile.ts'

const [signaturePath, keyPath] = companions as [string, string]

/**
 * The signature of the upstream's repomd.xml and the key beside it, where it has them. One that was read to believe the
 * edition is not fetched twice.
 * @throws E_MOVING where the signature is still that of the repomd.xml before, as in the middle of a publication
 */
export async function fetchCompanions({ sha256, proof }: Edition, run: Run): Promise<TreeDocument[]> {
  const signature = proof.signature ?? (await readSignature(run))
  if (signature !== undefined) refuseFormer(signature, sha256, run)
  const key = await fetchIfThere(keyPath, {}, run.repo, run.upstream, run.signal)
  const isTaken = key !== undefined && key !== 'unchanged' && (await isSigners(key.bytes, proof, run))
  const found = [
    { path: signaturePath, document: signature },
    { path: keyPath, document: isTaken ? key : undefined },
  ]
  return found.flatMap(({ path, document }) =>
    document === undefined
      ? []
      : [{ path, kind: 'extra', bytes: document.bytes, validators: document.validators } as const],
  )
}

async function readSignature({ repo, upstream, signal }: Run): Promise<SignatureFile | undefined> {
  const found = await fetchSignature({}, repo, upstream, signal)
  return found === 'unchanged' ? undefined : found
}

/** Whether a key is only that which has signed the edition, where signatures are asked for: clients may come to trust it. */
async function isSigners(bytes: Buffer, { link }: Edition['proof'], { notice }: Run): Promise<boolean> {
  if (link.fingerprint === undefined) return true
  const { keys } = await readKeyring([{ name: keyPath, bytes }]).catch(() => ({ keys: [] }))
  if (keys.length > 0 && pinnedKeys(bytes, [link.fingerprint]) === bytes) return true
  notice('warn', `${keyPath} is left out: it is not the key that has signed repomd.xml, ${link.fingerprint}`)
  return false
}
