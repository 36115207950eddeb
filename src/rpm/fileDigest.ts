import type { Header } from './header.ts'
import { tag } from './tags.ts'

/** OpenPGP's numbers of hash algorithms (RFC 9580 section 9.5, older ones RFC 2440), under createrepo_c's names (src/parsehdr.c 87-113). */
const names: Record<number, string> = {
  1: 'md5',
  2: 'sha1',
  3: 'ripemd160',
  5: 'md2',
  6: 'tiger192',
  7: 'haval-5-160',
  8: 'sha256',
  9: 'sha384',
  10: 'sha512',
  11: 'sha224',
}

/** The algorithm of the digests of a package's files; a header without the tag is from when they were MD5, but says nothing. */
export function fileDigestAlgorithm(main: Header): string {
  return names[main.number(tag.fileDigestAlgorithm) ?? 0] ?? 'unknown'
}
