/** The dot names that a repository may have: others are hidden from clients. */
const dotNames = new Set(['.treeinfo', '.discinfo'])

/** What stands against a file's path below its repository; undefined for nothing. */
export function wrongPath(path: string): string | undefined {
  const segments = path.split('/')
  if (path.startsWith('/') || segments.includes('..')) return 'leads out of the repository'
  if (segments.some((segment) => segment === '' || segment === '.')) return 'names no file'
  if (/[\u0000-\u001f\u007f\\]/.test(path)) return 'holds a control character or a backslash'
  if (segments.some((segment) => segment.startsWith('.')) && !dotNames.has(path))
    return 'has a part that begins with a dot'
  if (Buffer.byteLength(path) > 1000) return 'is longer than 1000 bytes'
  if (segments.some((segment) => Buffer.byteLength(segment) > 250)) return 'has a part over 250 bytes'
  return path === 'repodata/repomd.xml' ? 'is no file of its own' : undefined
}
