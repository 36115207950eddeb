import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { fromSystem, isSystemError } from '../errors.ts'
import type { Transport } from './transport.ts'

/** Fetches `file:` URLs as if a server answered: 404 where there is no file. The signal ends a long read. */
export const folderTransport: Transport = async ({ url, signal }, receiver) => {
  signal.throwIfAborted()
  const path = pathOf(url) ?? ''
  await using handle = await openFile(path)
  const found = await handle?.stat()
  if (handle === undefined || found?.isFile() !== true) return receiver.head({ status: 404, headers: {}, url })
  const headers = { 'content-length': String(found.size), 'last-modified': found.mtime.toUTCString() }
  receiver.head({ status: 200, headers, url })
  for await (const chunk of blocks(handle, path)) {
    signal.throwIfAborted()
    receiver.data(chunk)
  }
}

/** The path that the URL names; undefined where it can name none: a host, an escaped slash, a null character. */
function pathOf(url: URL): string | undefined {
  try {
    const path = fileURLToPath(url)
    return path.includes('\0') ? undefined : path
  } catch {
    return undefined
  }
}

async function openFile(path: string): Promise<FileHandle | undefined> {
  try {
    // Without O_NONBLOCK a named pipe would be waited for until somebody writes into it.
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined
    throw fromSystem(error, `Cannot read ${path}`)
  }
}

async function* blocks(handle: FileHandle, path: string): AsyncGenerator<Buffer, void, undefined> {
  try {
    yield* handle.createReadStream({ highWaterMark: 256 * 1024, autoClose: false })
  } catch (error) {
    throw fromSystem(error, `Cannot read ${path}`)
  }
}
