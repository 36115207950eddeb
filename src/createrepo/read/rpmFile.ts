import { createHash, hash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import type { Algorithm } from '../../digest.ts'
import { MirrorError } from '../../errors.ts'
import { type Rpm, readHeaders } from '../../rpm/rpm.ts'
import { verify } from '../../rpm/verify.ts'

/** A package file that was read whole: its headers, checked, and the digest, size and time of the file. */
export type ReadRpm = { rpm: Rpm; pkgid: string; packageSize: number; fileTime: number }

/** Files are read in pieces of this size; most are smaller than one. */
const pieceBytes = 1024 * 1024

/** One for the start of a file, which its headers are views of, one for what follows. */
const startPiece = Buffer.allocUnsafeSlow(pieceBytes)
const nextPiece = Buffer.allocUnsafeSlow(pieceBytes)

/**
 * Reads a package file once, from its first byte to its last. The headers are views of memory that the next call reuses.
 * @throws E_RPM for what is no RPM or a broken one; system errors as they are
 */
export function readRpm(path: string, algorithm: Algorithm): ReadRpm {
  // Without O_NONBLOCK a named pipe would be waited for until somebody writes into it.
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const found = fstatSync(descriptor)
    if (!found.isFile()) throw new MirrorError('E_RPM', 'not a regular file')
    const { rpm, pkgid } = readOpen(descriptor, found.size, algorithm)
    return { rpm, pkgid, packageSize: found.size, fileTime: Math.floor(found.mtimeMs / 1000) }
  } finally {
    closeSync(descriptor)
  }
}

function readOpen(descriptor: number, size: number, algorithm: Algorithm): { rpm: Rpm; pkgid: string } {
  let start = readAt(descriptor, 0, startPiece.subarray(0, Math.min(size, pieceBytes)))
  const rpm = readHeaders((bytes) => {
    if (bytes > size) throw new MirrorError('E_RPM', `it is cut off: ${bytes} bytes or more expected, found ${size}`)
    if (bytes > start.length) start = readAt(descriptor, 0, Buffer.allocUnsafe(bytes))
    return start
  })
  const header = start.subarray(rpm.headerStart, rpm.headerEnd)
  verify(rpm, header, size, () => pieces(descriptor, rpm.headerStart, size))
  if (size === start.length) return { rpm, pkgid: hash(algorithm, start, 'hex') }
  const whole = createHash(algorithm).update(start)
  for (const next of pieces(descriptor, start.length, size)) whole.update(next)
  return { rpm, pkgid: whole.digest('hex') }
}

function* pieces(descriptor: number, from: number, size: number): Generator<Buffer> {
  for (let at = from; at < size; at += pieceBytes)
    yield readAt(descriptor, at, nextPiece.subarray(0, Math.min(pieceBytes, size - at)))
}

/** Fills a buffer from a place in the file. */
function readAt(descriptor: number, offset: number, into: Buffer): Buffer {
  for (let read = 0; read < into.length; ) {
    const got = readSync(descriptor, into, read, into.length - read, offset + read)
    if (got === 0) throw new MirrorError('E_RPM', 'it became shorter while it was read')
    read += got
  }
  return into
}
