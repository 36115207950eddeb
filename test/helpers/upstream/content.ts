import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Fault } from './rules.ts'

/** One version of a file, whole, with the headers that describe it. */
export interface Content {
  body: Buffer
  /** Strong: made from the bytes, so that a changed file never answers 304. */
  etag: string
  lastModified: string
  contentType: string
  contentEncoding?: string
}

/** The file that a request's path names below the folder, undefined if there is none. */
export async function readContent(dir: string, path: string): Promise<Content | undefined> {
  const file = fileOf(dir, path)
  if (file === undefined) return undefined
  try {
    await using handle = await open(file)
    const { mtime } = await handle.stat()
    return describe(await handle.readFile(), mtime, contentTypes[extname(file)])
  } catch {
    return undefined
  }
}

function fileOf(dir: string, path: string): string | undefined {
  try {
    const name = decodeURIComponent(path.replace(/\?.*/, ''))
    return name.includes('\0') || name.split('/').includes('..') ? undefined : join(dir, name)
  } catch {
    return undefined
  }
}

function describe(body: Buffer, mtime: Date, contentType = 'application/octet-stream'): Content {
  const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"`
  return { body, etag, lastModified: mtime.toUTCString(), contentType }
}

const contentTypes: Record<string, string> = {
  '.xml': 'application/xml',
  '.gz': 'application/gzip',
  '.zst': 'application/zstd',
  '.rpm': 'application/x-rpm',
  '.html': 'text/html',
}

/** The content as the faults change it. */
export function falsify(content: Content | undefined, faults: Fault[]): Content | undefined {
  return faults.reduce(falsifyOnce, content)
}

function falsifyOnce(content: Content | undefined, fault: Fault): Content | undefined {
  if (fault.kind === 'replace') return replace(content, fault)
  if (fault.kind === 'gzip' && content) return { ...content, body: gzipSync(content.body), contentEncoding: 'gzip' }
  return content
}

function replace(content: Content | undefined, { body, contentType }: Extract<Fault, { kind: 'replace' }>): Content {
  const right = content ?? describe(Buffer.alloc(0), new Date())
  const other = typeof body === 'function' ? body(right.body) : Buffer.from(body)
  return { ...right, body: other, contentType: contentType ?? right.contentType }
}
