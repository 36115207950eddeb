import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** An OpenPGP key's URL (file:, http: or https:), or what is wrong with the text; without a scheme it is a file. */
export function keyUrl(text: string, folder: string): URL | { wrong: string; write: string } {
  if (!/^[a-z][a-z0-9+.-]*:/i.test(text)) return pathToFileURL(resolve(folder, text))
  const url = URL.parse(text)
  const write = 'write a file, or https:// or http:// and the rest'
  if (url === null) return { wrong: 'is not a URL', write }
  const { protocol, username, password, host } = url
  if (!['file:', 'http:', 'https:'].includes(protocol)) return { wrong: `begins with ${protocol}`, write }
  if (username !== '' || password !== '') return { wrong: 'holds a name or password', write: 'leave them out' }
  if (protocol === 'file:' && host !== '')
    return { wrong: `names the host ${host}`, write: 'write file:///folder/file' }
  if (!isDecodable(url.pathname))
    return { wrong: 'has a % that begins no character of a name', write: 'write %25 for %' }
  return url
}

function isDecodable(path: string): boolean {
  try {
    return !/%2f|%00/i.test(path) && decodeURIComponent(path) !== ''
  } catch {
    return false
  }
}
