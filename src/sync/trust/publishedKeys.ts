import { readKeyring } from '../../openpgp/keyring.ts'
import { publishedKeys } from '../../publish/gpgkeys.ts'
import type { Run } from '../run.ts'
import type { TreeDocument } from '../tree/plan.ts'
import { keyBytes, keyName } from './keyring.ts'

/** The keys that upstream signs with, to be published for clients. @throws E_KEY for what is no public key */
export async function keyDocuments(run: Run): Promise<TreeDocument[]> {
  const documents: TreeDocument[] = []
  for (const { url, path } of publishedKeys(run.repo.gpgkey)) {
    const bytes = await keyBytes(new URL(url), run)
    await readKeyring([{ name: keyName(url), bytes }])
    documents.push({ path, kind: 'extra', bytes, validators: {} })
  }
  return documents
}
