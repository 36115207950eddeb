import { isUtf8 } from 'node:buffer'
import { open } from 'node:fs/promises'
import { fromSystem, MirrorError } from '../errors.ts'
import type { Mistakes, Place } from './mistakes.ts'

const mebibyte = 1024 * 1024

/** A file to read, and where and how it is named: by itself, or by an include. */
export type Source = { file: string; place: Place; called: string }

/** The text of a configuration file without its byte order mark, or undefined after saying why it cannot be read. */
export async function readText({ file, place, called }: Source, mistakes: Mistakes): Promise<string | undefined> {
  try {
    const bytes = await readUpTo(file, mebibyte)
    if (bytes.length > mebibyte) mistakes.add(place, `${called} is larger than 1 MiB`, 'is it the right file?')
    else if (!isUtf8(bytes)) mistakes.add(place, `${called} is not UTF-8 text`, 'save it as UTF-8')
    else return new TextDecoder().decode(bytes)
  } catch (error) {
    const reason = fromSystem(error, `${called} cannot be read`)
    if (!(reason instanceof MirrorError)) throw error
    mistakes.add(place, reason.message, 'name a readable file')
  }
}

/** The beginning of a file, one byte more than the limit when it is longer; a directory fails with EISDIR. */
async function readUpTo(file: string, limit: number): Promise<Buffer> {
  await using handle = await open(file, 'r')
  const bytes = Buffer.alloc(limit + 1)
  let length = 0
  while (length <= limit) {
    const { bytesRead } = await handle.read(bytes, length, limit + 1 - length)
    if (bytesRead === 0) break
    length += bytesRead
  }
  return bytes.subarray(0, length)
}
