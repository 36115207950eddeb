import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { UrlCredentials } from './repo.ts'
import { Secret } from './secret.ts'

/** What is wrong with a text, and what to write instead. */
type Refusal = { wrong: string; write: string }

/** An upstream's URL, which anybody may see, and what was written in it that nobody may. */
export type BaseUrl = { url: URL; secret: UrlCredentials | undefined }

/**
 * An upstream's URL with a trailing slash, or why it cannot be one. `/`, `./` and `../` begin a folder, relative to that
 * of the file in which it is written. A name, a password and a query, which is SUSE's way to write a token, are taken out of
 * it: they go along with each request and stand in no message.
 */
export function baseUrl(text: string, folder: string): BaseUrl | Refusal {
  if (/^\.{0,2}\//.test(text)) return { url: pathToFileURL(`${resolve(folder, text)}/`), secret: undefined }
  if (/\s/.test(text)) return { wrong: 'has a space in it', write: 'write several URLs as a list' }
  const url = URL.parse(text)
  if (url === null || !/^\w+:\//.test(text)) {
    return { wrong: 'is not a URL', write: 'write http://, https:// or file:///, or a folder such as ./os' }
  }
  url.pathname = url.pathname.replace(/\/*$/, '/')
  return refusal(url) ?? apart(url)
}

/** A URL as it may be shown where it is refused. */
export function withoutSecrets(text: string): string {
  return text.replace(/\/\/[^/]*@/, '//...@').replace(/\?.+$/s, '?...')
}

function apart(url: URL): BaseUrl {
  const { username, password, search } = url
  url.username = ''
  url.password = ''
  url.search = ''
  if (username === '' && password === '' && search === '') return { url, secret: undefined }
  const login = username === '' ? undefined : { username: decoded(username), password: new Secret(decoded(password)) }
  const token = search === '' ? undefined : new Secret(search.slice(1))
  return { url, secret: { url: url.href, login, token } }
}

/** As curl reads the name and password of a URL; what is no escape stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The URL of a list of mirrors, or why it cannot be one: a query asks for most of them. `/`, `./` and `../` begin a file. */
export function listUrl(text: string, folder: string): URL | Refusal {
  if (/^\.{0,2}\//.test(text)) return pathToFileURL(resolve(folder, text))
  const url = URL.parse(text)
  if (/\s/.test(text) || url === null || !/^\w+:\//.test(text)) {
    return { wrong: 'is not a URL', write: 'write http://, https:// or file:///, or a file such as ./mirrors' }
  }
  if (url.username !== '' || url.password !== '')
    return { wrong: 'holds a name or password', write: 'write username: and password_file: instead' }
  return refusal(url) ?? url
}

function refusal({ protocol, username, password, search, hash, host }: URL): Refusal | undefined {
  if (!['http:', 'https:', 'file:'].includes(protocol)) {
    return { wrong: `begins with ${protocol}`, write: 'write http://, https:// or file:///' }
  }
  if (hash !== '') return { wrong: 'has a # in it', write: 'end it with a folder' }
  if (username === '' && password !== '') return { wrong: 'has a password and no name', write: 'write name:password@' }
  if (/[?&]credentials=/.test(search)) {
    return { wrong: "names zypper's file of credentials", write: 'write username: and password_file: instead' }
  }
  if (protocol !== 'file:') return undefined
  if (search !== '') return { wrong: 'has a ? in it', write: 'end it with a folder' }
  return host === '' ? undefined : { wrong: `names the host ${host}`, write: 'write file:///folder' }
}
