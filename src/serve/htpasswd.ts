import { hash, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fromSystem, MirrorError } from '../errors.ts'
import { apr1, type Crypt, shaCrypt } from './crypt.ts'

/** Checks one password against one line of the file. */
type Check = (password: Buffer) => boolean

/** Users by name, as a password file of Apache's htpasswd has them. */
export type Users = ReadonlyMap<string, Check>

/** A longer password is none: the work of SHA-crypt grows with its square. */
const passwordBytes = 256

/** More rounds would keep all other clients waiting for seconds. */
const mostRounds = 100_000

/**
 * Reads a password file. E_CONFIG, naming the line, for one that is malformed or whose password cannot be checked here:
 * an account that is silently locked out is found by its user, at night.
 */
export function readUsers(file: string): Users {
  const users = new Map<string, Check>()
  for (const [at, line] of read(file).split('\n').entries()) {
    const text = line.trim()
    if (text === '' || text.startsWith('#')) continue
    const colon = text.indexOf(':')
    const check = colon > 0 ? checkOf(text.slice(colon + 1).split(':')[0] as string) : 'is no name:password'
    if (typeof check === 'string') throw new MirrorError('E_CONFIG', `htpasswd: line ${at + 1} of ${file} ${check}`)
    users.set(text.slice(0, colon), check)
  }
  if (users.size === 0) throw new MirrorError('E_CONFIG', `htpasswd: ${file} names no user; write one line for each`)
  return users
}

/** Whether a user has this password; it takes as long for a user that is not there. */
export function isUser(users: Users, name: string, password: string): boolean {
  const bytes = Buffer.from(password)
  const known = users.get(name)
  const check = known ?? users.values().next().value
  const right = check !== undefined && bytes.length <= passwordBytes && check(bytes)
  return right && known !== undefined
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { message } = fromSystem(error, `htpasswd: Cannot read ${file}`) as Error
    throw new MirrorError('E_CONFIG', message, { cause: error })
  }
}

const instead = 'write one made by `openssl passwd -6`'

/** How to check against this password text, or what is wrong with it. */
function checkOf(stored: string): Check | string {
  if (/^\{SHA\}[A-Za-z0-9+/]{27}=$/.test(stored))
    return (password) => equal(`{SHA}${hash('sha1', password, 'base64')}`, stored)
  const [, kind = '', rounds, salt = '', digest = ''] = cryptForm.exec(stored) ?? []
  const crypt = crypts[kind]
  if (crypt === undefined) return `has ${kindOf(stored)}, which cannot be checked; ${instead}`
  const count = rounds === undefined ? 5000 : Math.max(1000, Number(rounds))
  if (count > mostRounds) return `asks for ${count} rounds, at most ${mostRounds} are allowed; ${instead}`
  return (password) => equal(crypt(password, Buffer.from(salt), count), digest)
}

const crypts: Record<string, Crypt> = { apr1, 5: shaCrypt('sha256'), 6: shaCrypt('sha512') }

const cryptForm = /^\$(apr1|5|6)\$(?:rounds=(\d{1,9})\$)?([^$:]{0,16})\$([./0-9A-Za-z]{22,86})$/

function kindOf(stored: string): string {
  if (/^\$2[abxy]?\$/.test(stored)) return 'a bcrypt password'
  if (stored.startsWith('$y$')) return 'a yescrypt password'
  if (stored.startsWith('$1$')) return 'an MD5-crypt password'
  return /^[./0-9A-Za-z]{13}$/.test(stored) ? 'a DES-crypt password' : 'a password of an unknown form'
}

function equal(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}
