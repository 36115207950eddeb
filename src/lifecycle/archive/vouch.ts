import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Repo } from '../../config/repo.ts'
import { fromSystem, MirrorError } from '../../errors.ts'
import type { Head } from './read.ts'

/** Whose signatures count, besides what the configuration says: files of public keys, and fingerprints of primary keys. */
export type Vouchers = { keys: string[]; fingerprints: string[] }

/**
 * Sees that an archive's manifest, and with it all that it names, is signed by whom the command line and each of its
 * repositories ask for. Returns the fingerprint of who has signed; undefined where nobody asks.
 * @throws E_SIG, E_KEY, E_CONFIG
 */
export async function vouch(
  { manifestBytes, signature }: Pick<Head, 'manifestBytes' | 'signature'>,
  repos: readonly Repo[],
  asked: Vouchers,
): Promise<string | undefined> {
  const checks = [...checksOf(asked), ...repos.flatMap(checksOfRepo)]
  let signer: string | undefined
  for (const { by, keys, fingerprints } of checks) {
    if (signature === undefined) throw new MirrorError('E_SIG', `it is not signed, and ${by} asks for a signature`)
    signer = await signerOf(manifestBytes, signature, { by, keys, fingerprints })
  }
  const required = repos.find(({ trust }) => trust === 'required')
  if (signer === undefined && required !== undefined)
    throw new MirrorError(
      'E_SIG',
      `${required.id} has trust: required, and nothing says whose signature counts: --key FILE`,
    )
  return signer
}

type Check = Vouchers & { by: string }

function checksOf({ keys, fingerprints }: Vouchers): Check[] {
  if (keys.length > 0) return [{ by: '--key', keys, fingerprints }]
  if (fingerprints.length > 0) throw new MirrorError('E_USAGE', '--fingerprint needs the key, too: --key FILE')
  return []
}

/** `repo_gpgcheck: yes` of a repository that comes in archives asks for the archive's signature. */
function checksOfRepo({ id, repoGpgcheck, gpgkey, fingerprints }: Repo): Check[] {
  return repoGpgcheck
    ? [{ by: `repo_gpgcheck of ${id}`, keys: gpgkey.map((url) => fileOf(url, id)), fingerprints }]
    : []
}

function fileOf(url: string, id: string): string {
  if (url.startsWith('file:')) return fileURLToPath(url)
  throw new MirrorError('E_CONFIG', `${id}: the key ${url} is not on this host; write the file of a key as gpgkey`)
}

async function signerOf(bytes: Buffer, signature: Buffer, { by, keys, fingerprints }: Check): Promise<string> {
  const { readKeyring } = await import('../../openpgp/keyring.ts')
  const { verifyDetached } = await import('../../openpgp/verify.ts')
  const ring = await readKeyring(keys.map((name) => ({ name, bytes: keyBytes(name) })))
  const pins =
    fingerprints.length === 0 ? undefined : fingerprints.map((text) => text.replaceAll(' ', '').toLowerCase())
  try {
    return verifyDetached(bytes, signature, ring, { pins, now: new Date() }).fingerprint
  } catch (error) {
    if (!(error instanceof MirrorError)) throw error
    throw new MirrorError(error.code, `${error.message}; ${by} asks for one`, { cause: error })
  }
}

function keyBytes(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw fromSystem(error, `Cannot read the key ${file}`)
  }
}
