import { MirrorError } from '../errors.ts'

/** More lines than any list has; the rest is not read. */
const maxLines = 100_000

/**
 * Reads a mirrorlist: a URL on each line, the nearest first, with `#` before comments (librepo, mirrorlist.c). What stands on
 * other lines is passed over, and so is a URL with a variable in it, which only a client could replace.
 * @throws E_NO_MIRROR for a page or another document in its place, and where no URL is in it
 */
export function parseMirrorlist(bytes: Buffer): string[] {
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '')
  if (/^\s*</.test(text))
    throw new MirrorError('E_NO_MIRROR', `not a mirrorlist${isMetalink(text)}; ${beginning(text)}`)
  const lines = text.split(/\r\n|\r|\n/, maxLines).map((line) => line.trim())
  const urls = lines.filter((line) => !line.startsWith('#') && /^[^\s$]+$/.test(line) && isPlace(line))
  if (urls.length === 0) throw new MirrorError('E_NO_MIRROR', `the mirrorlist has no URL in it; ${beginning(text)}`)
  return urls
}

function isPlace(line: string): boolean {
  return line.includes('://') || line.startsWith('/')
}

function isMetalink(text: string): string {
  return /^\s*(?:<\?[^>]*>\s*)?<metalink/.test(text) ? ' but a metalink: write metalink in place of mirrorlist' : ''
}

/** MirrorManager says in a comment what it did not understand. */
function beginning(text: string): string {
  return `it begins ${JSON.stringify(text.slice(0, 80).replaceAll(/\s+/g, ' '))}`
}
