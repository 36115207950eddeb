import { list, scalar } from './keys.ts'
import { duration, line, oneOf, type Unit, yesNo } from './units.ts'

const key = line('a key', 'write the file or URL of an OpenPGP key')
const file = line('a file', 'write the path of a file')

/** Keys that say what upstream must prove, and what is proved to clients. */
export const trustKeys = {
  trust: scalar(oneOf('any', 'required')),
  gpgcheck: scalar(yesNo),
  pkg_gpgcheck: scalar(yesNo),
  repo_gpgcheck: scalar(yesNo),
  gpgkey: list(key),
  fingerprints: list(fingerprint(), (text) => text.split(/[,\n]/).filter((item) => item.trim() !== '')),
  weak_digests: scalar(yesNo),
  stale_after: scalar(duration(1)),
  sign: scalar(file),
  sign_command: scalar(file),
  sign_passphrase_file: scalar(file),
}

/**
 * A whole fingerprint as gpg shows it, spaces and all: SHA-1 of a version 4 key (RFC 9580, 5.5.4.2), SHA-256 of a newer
 * one. Of a short id anybody can make another key.
 */
function fingerprint(): Unit<string> {
  const read = (text: string) => {
    const hex = text.replaceAll(/\s/g, '').replace(/^0x/i, '').toLowerCase()
    return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(hex) ? hex : undefined
  }
  const write = 'write all of its 40 or 64 hex digits, since anybody can make a key with the same short id'
  return { is: 'a full fingerprint', write, read }
}
