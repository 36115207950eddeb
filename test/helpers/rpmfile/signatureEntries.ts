import { hash } from 'node:crypto'
import { bin, type Entry, numbers, texts } from './entry.ts'
import { overlay } from './mainEntries.ts'
import type { RpmSpec } from './spec.ts'
import { signatureTags as tags } from './tags.ts'

/** The entries of the signature header: the digests and sizes that the format has, of the bytes as they are. */
export function signatureEntries(spec: RpmSpec, header: Buffer, payload: Buffer): Entry[] {
  const { format = 4, faults = {} } = spec
  const entries = format === 6 ? modern(header) : [...legacy(spec, header, payload), ...headerDigests(format, header)]
  return overlay(entries, faults.signatureEntries, faults.withoutSignature)
}

function headerDigests(format: 3 | 4, header: Buffer): Entry[] {
  if (format === 3) return []
  return [text(tags.sha1, hash('sha1', header)), text(tags.sha256, hash('sha256', header))]
}

function modern(header: Buffer): Entry[] {
  return [
    text(tags.sha256, hash('sha256', header)),
    text(tags.sha3, hash('sha3-256', header)),
    bin(tags.reserved, Buffer.alloc(32)),
  ]
}

/** Sizes and MD5 of header and payload together. */
function legacy({ archiveSize = 0, size = 0 }: RpmSpec, header: Buffer, payload: Buffer): Entry[] {
  const both = Buffer.concat([header, payload])
  const isLong = archiveSize >= 2 ** 32 || size >= 2 ** 32
  const sizes = isLong
    ? [numbers(tags.longSize, 'int64', [both.length]), numbers(tags.longArchiveSize, 'int64', [archiveSize])]
    : [numbers(tags.size, 'int32', [both.length]), numbers(tags.payloadSize, 'int32', [archiveSize])]
  return [...sizes, bin(tags.md5, hash('md5', both, 'buffer'))]
}

function text(tag: number, digest: string): Entry {
  return texts(tag, 'string', [digest])
}
