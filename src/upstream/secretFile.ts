import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SecretPlace } from '../config/repo.ts'
import { Secret } from '../config/secret.ts'
import { fromSystem, MirrorError } from '../errors.ts'

/** No password, token or PEM file is larger. */
const maxBytes = 1024 * 1024

/**
 * Reads a secret from where it is; line breaks at its end do not belong to it.
 * @param key of the configuration, for messages
 * @throws E_CREDENTIALS where there is none, or where everybody on this host could read it
 */
export function readSecret(key: string, place: SecretPlace): Secret {
  if ('env' in place) return checked(key, `the variable ${place.env}`, process.env[place.env])
  const file = 'file' in place ? place.file : credentialFile(key, place.credential)
  return checked(key, file, readPrivate(key, file))
}

/** Where systemd puts what `LoadCredential=` and its like name (systemd.exec(5)). */
function credentialFile(key: string, name: string): string {
  const folder = process.env.CREDENTIALS_DIRECTORY
  if (folder !== undefined) return join(folder, name)
  throw new MirrorError(
    'E_CREDENTIALS',
    `${key}: credential:${name} is systemd's, and this process was not started with it; add LoadCredential=${name}:FILE to the unit`,
  )
}

function checked(key: string, where: string, text: string | undefined): Secret {
  const secret = text?.replace(/[\r\n]+$/, '')
  if (secret === undefined || secret === '') throw new MirrorError('E_CREDENTIALS', `${key}: ${where} holds nothing`)
  // Whatever HTTP cannot say in a header could end it and begin another.
  if (/[\u0000-\u001f\u007f]/.test(secret))
    throw new MirrorError('E_CREDENTIALS', `${key}: ${where} holds more than one line, or control characters`)
  return new Secret(secret)
}

/** A file that must not be everybody's to read: a password, a key. */
export function readPrivate(key: string, file: string): string {
  return readText(key, file, (mode) => {
    if ((mode & 0o007) === 0) return
    throw new MirrorError('E_CREDENTIALS', `${key}: everybody on this host may read ${file}; run chmod o= on it`)
  })
}

/** @throws E_CREDENTIALS that names the key and the file */
export function readText(key: string, file: string, checkMode: (mode: number) => void = () => {}): string {
  try {
    const fd = openSync(file, 'r')
    try {
      const { mode, size } = fstatSync(fd)
      checkMode(mode)
      if (size > maxBytes) throw new MirrorError('E_CREDENTIALS', `${key}: ${file} is larger than 1 MiB`)
      return readFileSync(fd, 'utf8')
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    const { message } = fromSystem(error, `${key}: Cannot read ${file}`) as Error
    throw new MirrorError('E_CREDENTIALS', message, { cause: error })
  }
}
