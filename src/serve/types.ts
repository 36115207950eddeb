import { extname } from 'node:path'

/**
 * The media type of a file by its last extension. A compressed file is served as what it is, never as a
 * Content-Encoding of what is in it: clients would unpack it in passing, and its checksum would no longer be right.
 */
export function contentType(name: string): string {
  return types.get(extname(`_${name}`).toLowerCase()) ?? 'application/octet-stream'
}

/** Release notes are upstream's pages on our origin: they may look as they like and neither run nor load anything. */
export function contentPolicy(type: string): { 'content-security-policy': string } | undefined {
  return documents.has(type) ? { 'content-security-policy': policy } : undefined
}

const policy = "sandbox; default-src 'none'; style-src 'unsafe-inline' 'self'; img-src 'self' data:"

const text = 'text/plain; charset=utf-8'
const html = 'text/html; charset=utf-8'

const documents = new Set([html, 'application/xml', 'image/svg+xml'])

const types = new Map([
  ['.asc', text],
  ['.bz2', 'application/x-bzip2'],
  ['.cfg', text],
  ['.conf', text],
  ['.css', 'text/css; charset=utf-8'],
  ['.discinfo', text],
  ['.drpm', 'application/x-rpm'],
  ['.gif', 'image/gif'],
  ['.gz', 'application/gzip'],
  ['.htm', html],
  ['.html', html],
  ['.iso', 'application/x-iso9660-image'],
  ['.jpg', 'image/jpeg'],
  ['.json', 'application/json'],
  ['.key', text],
  ['.ks', text],
  ['.md', text],
  ['.png', 'image/png'],
  ['.repo', text],
  ['.rpm', 'application/x-rpm'],
  ['.sqlite', 'application/vnd.sqlite3'],
  ['.svg', 'image/svg+xml'],
  ['.treeinfo', text],
  ['.txt', text],
  ['.xml', 'application/xml'],
  ['.xz', 'application/x-xz'],
  ['.yaml', 'application/yaml'],
  ['.yml', 'application/yaml'],
  ['.zst', 'application/zstd'],
])
