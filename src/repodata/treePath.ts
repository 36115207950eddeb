import { MirrorError } from '../errors.ts'

const limits = { path: 1000, name: 240 }

/** The dot names that belong to a kickstart tree: others are hidden from clients by our server. */
const dotNames = new Set(['.treeinfo', '.discinfo'])

/**
 * A file's path below the tree, as a document or a listing names it, without `.` segments. It is a path, not a part of
 * a URL: nothing in it is decoded.
 * @throws E_PATH for what leads out of the tree or belongs to something else in it, with the reason
 */
export function treePath(text: string): string {
  const path = text.replace(/^(?:\.\/+)+/, '')
  const wrong = whatIsWrong(path)
  if (wrong === undefined) return path
  throw new MirrorError('E_PATH', `${JSON.stringify(text.slice(0, 200))} is refused: ${wrong}`)
}

function whatIsWrong(path: string): string | undefined {
  const segments = path.split('/')
  if (Buffer.byteLength(path) > limits.path) return `it is longer than ${limits.path} bytes`
  if (path.startsWith('/') || segments.includes('..')) return 'it leads out of the tree'
  if (segments.some((segment) => segment === '' || segment === '.')) return 'it names no file'
  if (/[\u0000-\u001f\u007f\\]/.test(path)) return 'it holds a control character or a backslash'
  if (segments.some((segment) => segment.startsWith('.') && !dotNames.has(path))) return 'a part begins with a dot'
  if (segments.some((segment) => Buffer.byteLength(segment) > limits.name)) return `a part is over ${limits.name} bytes`
  if (segments[0] === 'repodata') return 'repodata/ is for metadata'
  return segments.some((segment) => segment.endsWith('.rpm')) ? '.rpm is for packages' : undefined
}
