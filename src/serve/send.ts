import { closeSync, read, readSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { MirrorError } from '../errors.ts'
import type { OpenFile } from './file.ts'
import type { FileBody, HttpResponse, Slice } from './message.ts'

/** What became of a response: body bytes handed to the connection, and whether all of them were. */
export interface Sent {
  bytes: number
  complete: boolean
  /** Our own failure while sending; a client that went away is none. */
  error?: unknown
}

/** One block for each client that reads slowly: 1,000 of them hold 128 MB at most. */
const blockBytes = 128 * 1024

/** Up to this size a read from the page cache is cheaper than a hop through the thread pool. */
const smallBytes = 32 * 1024

/**
 * Sends a response and closes its file. A body that cannot be sent whole takes the connection with it, so that no
 * client holds a short file for a complete one. Never throws.
 *
 * Not stream.pipeline: it returns while a read is still running on the file that is to be closed next, and costs
 * half of the requests per second for small files.
 */
export async function send({ status, headers, body }: HttpResponse, to: ServerResponse): Promise<Sent> {
  const sent: Sent = { bytes: 0, complete: false }
  try {
    to.writeHead(status, headers)
    for await (const block of blocks(body)) {
      if (to.destroyed) return sent
      sent.bytes += block.length
      if (!to.write(block)) await either(to, 'drain', 'close')
    }
    to.end()
    if (!to.writableFinished && !to.destroyed) await either(to, 'finish', 'close')
    return { ...sent, complete: to.writableFinished }
  } catch (error) {
    to.destroy()
    return { ...sent, error }
  } finally {
    if (body !== undefined && 'file' in body) closeSync(body.file.fd)
  }
}

function either(to: ServerResponse, ...events: string[]): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      for (const event of events) to.off(event, settle)
      resolve()
    }
    for (const event of events) to.on(event, settle)
  })
}

async function* blocks(body: HttpResponse['body']): AsyncGenerator<Buffer> {
  if (body === undefined) return
  if (Buffer.isBuffer(body)) yield body
  else yield* fileBlocks(body)
}

async function* fileBlocks({ file, pieces }: FileBody): AsyncGenerator<Buffer> {
  for (const piece of pieces) {
    if (Buffer.isBuffer(piece)) yield piece
    else yield* sliceBlocks(file, piece)
  }
}

async function* sliceBlocks(file: OpenFile, { start, length }: Slice): AsyncGenerator<Buffer> {
  const end = start + length
  for (let at = start; at < end; ) {
    const block = await readBlock(file.fd, Math.min(blockBytes, end - at), at)
    if (block.length === 0) {
      throw new MirrorError('E_TRUNCATED', `Cannot send ${file.path}: ${end} bytes expected, it now ends at ${at}`)
    }
    at += block.length
    yield block
  }
}

const readAsync = promisify(read)

async function readBlock(fd: number, length: number, position: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length)
  if (length <= smallBytes) return buffer.subarray(0, readSync(fd, buffer, 0, length, position))
  const { bytesRead } = await readAsync(fd, buffer, 0, length, position)
  return buffer.subarray(0, bytesRead)
}
