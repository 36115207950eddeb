import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { fromSystem, isSystemError } from '../errors.ts'
import type { Transport } from './transport.ts'

/** Fetches `file:` URLs as if a server answered: 404 where there is no file. The signal ends a long read. */
export const folderTransport: Transport = async ({ url, signal }, receiver) => {
  try {
    const handle = await open(fileURLToPath(url))
    const { size, mtime } = await handle.stat()
    receiver.head({
      status: 200,
      headers: { 'content-length': String(size), 'last-modified': mtime.toUTCString() },
      url,
    })
    const stream = createReadStream('', { fd: handle, highWaterMark: 256 * 1024, signal })
    for await (const chunk of stream) receiver.data(chunk)
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'EISDIR')) return receiver.head({ status: 404, headers: {}, url })
    throw fromSystem(error, `Cannot read ${fileURLToPath(url)}`)
  }
}
