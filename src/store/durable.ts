import { spawn } from 'node:child_process'
import { closeSync, fdatasyncSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { release } from 'node:os'
import { dirname } from 'node:path'
import pLimit from 'p-limit'
import { fromSystem } from '../errors.ts'

/** Files from this size on are made durable one by one as they are finished. */
export const largeFile = 1024 * 1024

/** Up to this many small files, fsync of each is cheaper than syncfs, which also writes what others have dirtied. */
const fewFiles = 64

/**
 * Makes finished files and the names in their directories durable: few one by one, sixteen at a time; many by one
 * syncfs of the file system that they are all on.
 */
export async function makeDurable(files: string[], directories: Iterable<string>): Promise<void> {
  if (files.length > fewFiles && syncfsReportsErrors()) return syncFilesystem(files[0] as string)
  const limit = pLimit(16)
  await Promise.all(files.map((file) => limit(() => fsyncFile(file))))
  for (const directory of new Set(directories)) fsyncDirectory(directory)
}

/** Before Linux 5.8 syncfs did not report a failed write. */
function syncfsReportsErrors(): boolean {
  const [major = 0, minor = 0] = release().split('.').map(Number)
  return process.platform === 'linux' && (major > 5 || (major === 5 && minor >= 8))
}

/** Node has no syncfs(2); coreutils' `sync -f` is it. */
function syncFilesystem(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('sync', ['-f', '--', path], { stdio: ['ignore', 'ignore', 'pipe'] })
    let reason = ''
    child.stderr.on('data', (text: Buffer) => {
      reason += text.toString()
    })
    child.on('error', (error) => reject(fromSystem(error, `Cannot run sync -f ${path}`)))
    child.on('close', (status) => (status === 0 ? resolve() : reject(new Error(`sync -f ${path} failed: ${reason}`))))
  })
}

async function fsyncFile(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.datasync()
  } finally {
    await handle.close()
  }
}

/** Makes the names in a directory durable: after links, renames and removals. */
export function fsyncDirectory(path: string): void {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** Writes a whole small file so that its name shows either what was there before or all of the new bytes. */
export function writeFileAtomic(path: string, bytes: Uint8Array | string): void {
  const temporary = `${path}.${process.pid}.new`
  const fd = openSync(temporary, 'w', 0o644)
  try {
    writeSync(fd, typeof bytes === 'string' ? Buffer.from(bytes) : bytes)
    fdatasyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(temporary, path)
  fsyncDirectory(dirname(path))
}
