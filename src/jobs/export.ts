import { readFileSync } from 'node:fs'
import type { Config, Repo } from '../config/repo.ts'
import { fromSystem, MirrorError } from '../errors.ts'
import { type Exported, exportArchive } from '../lifecycle/archive/export.ts'
import { readSince } from '../lifecycle/archive/since.ts'
import { openDatabaseReadOnly } from '../store/database.ts'
import { openPool } from '../store/pool.ts'
import { databasePath } from '../store/state.ts'

/** An export as it is asked for; `since` as on the command line. */
export type ExportOrder = {
  config: Config
  repos: readonly Repo[]
  file: string
  since: string | undefined
  partBytes: number | null
  /** What it is signed with: the file of a private key, and of its passphrase. */
  key: { file: string; passphraseFile: string | undefined } | undefined
  signal: AbortSignal
}

/** Writes what repositories show into an archive. Reads the state only, so that it needs no lock. @throws as `exportArchive` does */
export async function exportRepos({ config, since, key, ...order }: ExportOrder): Promise<Exported> {
  const sign = key && (await signerOf(key))
  const base = since === undefined ? undefined : await readSince(since)
  if (base?.type === 'generation' && order.repos.length > 1)
    throw new MirrorError(
      'E_USAGE',
      `--since ${since} is a generation of one repository, and here are several; name an archive`,
    )
  const database = openDatabaseReadOnly(databasePath(config.state))
  if (database === undefined) throw new MirrorError('E_USAGE', 'nothing is published yet: mirror sync')
  try {
    return await exportArchive(
      { ...order, since: base, sign, progress: () => {} },
      { database, pool: openPool(config.state) },
    )
  } finally {
    database.close()
  }
}

/** Signs with a key's private part. @throws E_KEY */
async function signerOf({
  file,
  passphraseFile,
}: NonNullable<ExportOrder['key']>): Promise<(bytes: Buffer) => Promise<Buffer>> {
  const { openSigner } = await import('../openpgp/sign.ts')
  const passphrase =
    passphraseFile === undefined
      ? undefined
      : read(passphraseFile)
          .toString()
          .replace(/\r?\n$/, '')
  const signer = await openSigner(read(file), passphrase)
  return async (bytes) => Buffer.from(await signer.sign(bytes))
}

function read(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw fromSystem(error, `Cannot read ${file}`)
  }
}
