/**
 * A publish path without doubled and trailing slashes, or what is wrong with it. A client asks for it as a URL below
 * the root, so that nothing in it may lead out of the root, be hidden, or be changed on the way.
 */
export function publishPath(text: string): { path: string } | { wrong: string } {
  const path = text
    .normalize('NFC')
    .replaceAll(/\/{2,}/g, '/')
    .replace(/\/$/, '')
  if (text.startsWith('/')) return { wrong: 'begins with a slash' }
  if (path === '') return { wrong: 'is empty' }
  if (/\p{Cc}/u.test(path)) return { wrong: 'holds a control character' }
  if (path.includes('\\')) return { wrong: 'holds a backslash' }
  if (path.split('/').some((segment) => segment.startsWith('.'))) return { wrong: 'has a part that begins with a dot' }
  if (path.split('/').some((segment) => Buffer.byteLength(segment) > 200)) return { wrong: 'has a part over 200 bytes' }
  return Buffer.byteLength(path) > 1000 ? { wrong: 'is over 1000 bytes long' } : { path }
}
