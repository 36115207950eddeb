import { MirrorError } from '../../errors.ts'
import { readKeyring } from '../../openpgp/keyring.ts'
import { pinnedKeys } from '../../openpgp/pinned.ts'
import { publishedKeys } from '../../publish/gpgkeys.ts'
import type { Run } from '../run.ts'
import type { TreeDocument } from '../tree/plan.ts'
import { keyBytes, keyName } from './keyring.ts'

/**
 * The keys that upstream signs with, to be published for clients. Of what comes from elsewhere only those that are pinned,
 * if any are: clients believe whatever is published here.
 * @throws E_KEY for what is no public key, and where none of the pinned ones is
 */
export async function keyDocuments(run: Run): Promise<TreeDocument[]> {
  const documents: TreeDocument[] = []
  for (const { url, path } of publishedKeys(run.repo.gpgkey)) {
    const bytes = await keyBytes(new URL(url), run)
    await readKeyring([{ name: keyName(url), bytes }])
    documents.push({ path, kind: 'extra', bytes: counting(bytes, url, run), validators: {} })
  }
  return documents
}

function counting(bytes: Buffer, url: string, { repo: { fingerprints } }: Run): Buffer {
  if (fingerprints.length === 0 || url.startsWith('file:')) return bytes
  const pinned = pinnedKeys(bytes, fingerprints)
  if (pinned !== undefined) return pinned
  const advice = 'add that of its key, or leave it out of gpgkey'
  throw new MirrorError(
    'E_KEY',
    `Cannot publish the keys of ${keyName(url)}: none of them is in fingerprints; ${advice}`,
  )
}
