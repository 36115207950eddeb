import { createHash, timingSafeEqual } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { fromSystem, MirrorError } from '../errors.ts'
import { Refusal } from './refusal.ts'

/** Fewer characters can be guessed. */
const shortest = 16

/** The token in a file, its one line. @throws E_CONFIG for one that others may read, or that is too short */
export function readToken(file: string): string {
  let token: string
  try {
    if ((statSync(file).mode & 0o007) !== 0)
      throw new MirrorError('E_CONFIG', `admin_token_file: everybody may read or change ${file}; run chmod o= on it`)
    token = readFileSync(file, 'utf8').trim()
  } catch (error) {
    const cause = fromSystem(error, `Cannot read the admin token in ${file}`)
    if (!(cause instanceof MirrorError)) throw cause
    throw new MirrorError('E_CONFIG', cause.message, { cause })
  }
  if (token.length >= shortest && /^[!-~]+$/.test(token)) return token
  const advice = `write one line of ${shortest} or more printable characters, such as openssl rand -hex 32 prints`
  throw new MirrorError('E_CONFIG', `admin_token_file: ${file} holds no token; ${advice}`)
}

/** Wrong tokens of one address within `windowMs` before it is not listened to for the rest of it. */
const most = 10
const windowMs = 10_000

/** More addresses are not told apart: then all of them are forgiven. */
const mostAddresses = 4096

/** Admits whoever brings the token, and slows down whoever guesses. Throws Refusal 401, 429. */
export function tokenGuard(token: string): (request: IncomingMessage) => void {
  const expected = digest(`Bearer ${token}`)
  const wrong = new Map<string, number>()
  let since = 0
  return ({ headers, socket }) => {
    const now = performance.now()
    if (now - since > windowMs || wrong.size > mostAddresses) {
      since = now
      wrong.clear()
    }
    const address = socket.remoteAddress ?? ''
    const before = wrong.get(address) ?? 0
    if (before >= most) throw new Refusal(429, 'too many wrong tokens', { headers: { 'retry-after': '10' } })
    if (timingSafeEqual(digest(headers.authorization ?? ''), expected)) return
    wrong.set(address, before + 1)
    throw new Refusal(401, 'a token is needed', { headers: { 'www-authenticate': 'Bearer' } })
  }
}

/** Of one length whatever was sent, so that comparing takes one time. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
