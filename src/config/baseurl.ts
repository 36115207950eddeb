import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** What is wrong with a text, and what to write instead. */
type Refusal = { wrong: string; write: string }

/**
 * An upstream's URL with a trailing slash, or why it cannot be one. `/`, `./` and `../` begin a folder, relative to that
 * of the file in which it is written.
 */
export function baseUrl(text: string, folder: string): URL | Refusal {
  if (/^\.{0,2}\//.test(text)) return pathToFileURL(`${resolve(folder, text)}/`)
  if (/\s/.test(text)) return { wrong: 'has a space in it', write: 'write several URLs as a list' }
  const url = URL.parse(text)
  if (url === null || !/^\w+:\//.test(text)) {
    return { wrong: 'is not a URL', write: 'write http://, https:// or file:///, or a folder such as ./os' }
  }
  url.pathname = url.pathname.replace(/\/*$/, '/')
  return refusal(url) ?? url
}

/** The URL of a list of mirrors, or why it cannot be one: a query asks for most of them. `/`, `./` and `../` begin a file. */
export function listUrl(text: string, folder: string): URL | Refusal {
  if (/^\.{0,2}\//.test(text)) return pathToFileURL(resolve(folder, text))
  const url = URL.parse(text)
  if (/\s/.test(text) || url === null || !/^\w+:\//.test(text)) {
    return { wrong: 'is not a URL', write: 'write http://, https:// or file:///, or a file such as ./mirrors' }
  }
  return refusal(url, true) ?? url
}

function refusal({ protocol, username, password, search, hash, host }: URL, mayAsk = false): Refusal | undefined {
  if (!['http:', 'https:', 'file:'].includes(protocol)) {
    return { wrong: `begins with ${protocol}`, write: 'write http://, https:// or file:///' }
  }
  if (username !== '' || password !== '') {
    return { wrong: 'holds a name or password, which is not supported yet', write: 'leave them out' }
  }
  if ((search !== '' || hash !== '') && !mayAsk) return { wrong: 'has a ? or # in it', write: 'end it with a folder' }
  if (protocol !== 'file:' || host === '') return undefined
  return { wrong: `names the host ${host}`, write: 'write file:///folder' }
}
