import { constants } from 'node:fs'
import { access, open } from 'node:fs/promises'
import { join } from 'node:path'
import { fromSystem, isSystemError, MirrorError } from '../errors.ts'
import { absolute } from './folders.ts'
import type { Written } from './layers.ts'
import { type Mistakes, quoted } from './mistakes.ts'
import type { Substitute } from './substitute.ts'

/** A file that trust rests on, by its absolute path. */
export type KeyFile = Written<string> & { kind: 'public' | 'secret' | 'passphrase' | 'program' }

/** Where systemd puts what LoadCredential= names, when it does not say so (systemd.exec(5)). */
const credentials = '/run/credentials/mirror.service'

/** A file as an absolute path; `credential:NAME` is one of the service's own (systemd's LoadCredential=). */
export function secretFile(
  item: Written<string>,
  substitute: Substitute,
  mistakes: Mistakes,
): Written<string> | undefined {
  const name = /^credential:([\w.-]{1,255})$/.exec(item.value)?.[1]
  if (name === undefined) return absolute(item, substitute, mistakes)
  return { ...item, value: join(process.env.CREDENTIALS_DIRECTORY ?? credentials, name) }
}

/** Says which key files cannot be used. One that this user may not read is a warning: the service may be another's. */
export async function checkKeyFiles(files: readonly KeyFile[], mistakes: Mistakes): Promise<void> {
  for (const file of files) {
    const what = await refusalOf(file).catch((error: unknown) => unreadable(file, error, mistakes))
    if (what !== undefined) mistakes.about(file, what, advice[file.kind])
  }
}

const advice: Record<KeyFile['kind'], string> = {
  public: 'name the file of a public key',
  secret: 'name a file made by gpg --armor --export-secret-keys, which only the service may read',
  passphrase: 'name a file that only the service may read',
  program: 'name a program that can be run',
}

function unreadable(file: KeyFile, caught: unknown, mistakes: Mistakes): string | undefined {
  const error = fromSystem(caught, `Cannot ${file.kind === 'program' ? 'run' : 'read'} ${quoted(file.value)}`)
  if (!(error instanceof MirrorError)) throw caught
  if (file.kind === 'program' || !isSystemError(caught, 'EACCES', 'EPERM')) return error.message
  mistakes.warn(file.place, `${file.called}: ${error.message} by this user`)
}

async function refusalOf({ value, kind }: KeyFile): Promise<string | undefined> {
  if (kind === 'program') return await access(value, constants.X_OK).then(() => undefined)
  await using handle = await open(value, 'r')
  const { mode } = await handle.stat()
  const shown = quoted(value)
  if (kind !== 'public' && (mode & 0o007) !== 0) return `everybody on this host may read ${shown}; run chmod o= on it`
  if (kind === 'passphrase') return undefined
  const bytes = Buffer.alloc(maxKeyFile)
  const { bytesRead } = await handle.read(bytes, 0, maxKeyFile, 0)
  return lacks(kind, bytes.subarray(0, bytesRead), shown)
}

/** As much is looked at of a key file, in bytes. */
const maxKeyFile = 1024 * 1024

/** What is wrong with a file by its armour or its first packet's tag (RFC 9580, 4.2 and 6.2); its keys are read later. */
function lacks(kind: 'public' | 'secret', bytes: Buffer, shown: string): string | undefined {
  const isBinary = ((bytes[0] ?? 0) & 0x80) !== 0
  const first = bytes[0] ?? 0
  const tag = (first & 0x40) === 0 ? (first >> 2) & 0x0f : first & 0x3f
  const text = isBinary ? '' : bytes.toString('latin1')
  const isSecret = isBinary ? tag === 5 : text.includes('-----BEGIN PGP PRIVATE KEY BLOCK-----')
  const isPublic = isBinary ? tag === 6 : text.includes('-----BEGIN PGP PUBLIC KEY BLOCK-----')
  if (kind === 'public' && isSecret) return `${shown} is a private key, which belongs nowhere near an upstream's`
  if (kind === 'secret' && isPublic && !isSecret) return `${shown} is a public key, which cannot sign`
  return isSecret || isPublic ? undefined : `there is no key in ${shown}`
}
