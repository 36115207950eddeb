import { closeSync, read } from 'node:fs'
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

/** One block for each client that reads slowly: 1,000 of them hold 64 MB. Twice that is a fifth faster, and too much. */
const blockBytes = 64 * 1024

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
    if (body !== undefined && 'file' in body) await sendFile(body, to, sent)
    else sent.bytes = body?.length ?? 0
    if (to.destroyed) return sent
    // Head and body in memory leave in one write.
    to.end(Buffer.isBuffer(body) ? body : undefined)
    if (!to.writableFinished && !to.destroyed) await closed(to)
    return { ...sent, complete: to.writableFinished }
  } catch (error) {
    to.destroy()
    return { ...sent, error }
  } finally {
    if (body !== undefined && 'file' in body) closeSync(body.file.fd)
  }
}

/**
 * Until the connection is gone, counting what was handed to it. Each block is written out before the next is read into
 * the same memory, which is a tenth faster than new memory for each.
 */
async function sendFile({ file, pieces }: FileBody, to: ServerResponse, sent: Sent): Promise<void> {
  const longest = Math.max(...pieces.map(({ length }) => length))
  const memory = Buffer.allocUnsafeSlow(Math.min(blockBytes, longest))
  for (const piece of pieces) {
    const blocks = Buffer.isBuffer(piece) ? [piece] : sliceBlocks(file, piece, memory)
    for await (const block of blocks) {
      if (to.destroyed) return
      sent.bytes += block.length
      await written(block, to)
    }
  }
}

/** Resolves when the connection has passed the block on, or is gone. */
function written(block: Buffer, to: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      to.off('close', settle)
      resolve()
    }
    to.on('close', settle)
    to.write(block, settle)
  })
}

/** Resolves when the response has left, or its connection is gone: node tells both by the same event. */
function closed(to: ServerResponse): Promise<void> {
  return new Promise((resolve) => void to.on('close', resolve))
}

async function* sliceBlocks(file: OpenFile, { start, length }: Slice, memory: Buffer): AsyncGenerator<Buffer> {
  const end = start + length
  for (let at = start; at < end; ) {
    const { bytesRead } = await readAsync(file.fd, memory, 0, Math.min(memory.length, end - at), at)
    if (bytesRead === 0) {
      throw new MirrorError('E_TRUNCATED', `Cannot send ${file.path}: ${end} bytes expected, it now ends at ${at}`)
    }
    at += bytesRead
    yield memory.subarray(0, bytesRead)
  }
}

const readAsync = promisify(read)
