import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { Agent, get, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

/** Where a repository is read from. */
export interface Source extends Disposable {
  /** The file that an href names, below `base` (an xml:base) if there is one. Throws with the reason in few words. */
  read(href: string, base?: string): Promise<Buffer>
}

/** A folder, or the HTTP URL of a repository: read over one kept connection, one file after another, as a client does. */
export function openSource(target: string): Source {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  return {
    read: (href, base) => readLocation(locate(target, href, base), agent),
    [Symbol.dispose]: () => agent.destroy(),
  }
}

function locate(target: string, href: string, base: string | undefined): string {
  if (base !== undefined && isUrl(base)) return under(base, href)
  const path = base === undefined ? href : under(base, href)
  if (leavesRepository(path)) throw new Error('the href leaves the repository')
  return isUrl(target) ? under(target, encode(path)) : join(target, path)
}

function under(base: string, href: string): string {
  return `${base.replace(/\/+$/, '')}/${href}`
}

function isUrl(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text)
}

function leavesRepository(path: string): boolean {
  return path === '' || path.startsWith('/') || isUrl(path) || decode(path).split('/').includes('..')
}

/** An href is a path, as dnf and zypper read it: they encode its every segment, also a `%`. */
function encode(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}

/** What the path is to a client that takes it for a part of a URL. */
function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function readLocation(location: string, agent: Agent): Promise<Buffer> {
  if (location.startsWith('file://')) return readLocal(fileURLToPath(location))
  return isUrl(location) ? readHttp(location, agent) : readLocal(location)
}

async function readLocal(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    throw new Error(`cannot be read (${(error as NodeJS.ErrnoException).code})`, { cause: error })
  }
}

async function readHttp(url: string, agent: Agent): Promise<Buffer> {
  const request = get(url, { agent })
  try {
    const [response] = (await once(request, 'response', { signal: AbortSignal.timeout(answerTimeoutMs) })) as [
      IncomingMessage,
    ]
    const body = await buffer(response)
    if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`)
    return body
  } catch (error) {
    // The server may close a kept connection just as it is used again; every client then asks once more.
    if (request.reusedSocket && (error as NodeJS.ErrnoException).code === 'ECONNRESET') return readHttp(url, agent)
    throw error
  }
}

const answerTimeoutMs = 60_000
