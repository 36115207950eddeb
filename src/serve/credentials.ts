import { hash } from 'node:crypto'
import { isUser, type Users } from './htpasswd.ts'

/** What an Authorization header comes to: `many` where its sender has guessed too often to be heard. */
export type Verdict = 'right' | 'wrong' | 'many'

/** So many wrong passwords from one address within the time (ms) are looked at; each costs up to 10 ms. */
const guesses = 10
const guessingMs = 60_000

/** Addresses and right headers that are remembered at most. */
const remembered = 10_000

/** Judges Authorization headers of the Basic scheme (RFC 7617), each right one by its expensive hash once only. */
export class Credentials {
  readonly #users: Users
  readonly #right = new Set<string>()
  readonly #wrong = new Map<string, { count: number; until: number }>()

  constructor(users: Users) {
    this.#users = users
  }

  judge(authorization: string | undefined, address: string): Verdict {
    const given = basic(authorization)
    if (given === undefined) return 'wrong'
    const key = hash('sha256', authorization as string)
    if (this.#right.has(key)) return 'right'
    const now = performance.now()
    const wrong = this.#wrong.get(address)
    const count = wrong !== undefined && now < wrong.until ? wrong.count : 0
    if (count >= guesses) return 'many'
    if (isUser(this.#users, given.user, given.password)) {
      remember(this.#right).add(key)
      return 'right'
    }
    const until = count === 0 ? now + guessingMs : (wrong?.until ?? 0)
    remember(this.#wrong).set(address, { count: count + 1, until })
    return 'wrong'
  }
}

/** The name and password of a Basic header; undefined for any other. */
export function basic(authorization: string | undefined): { user: string; password: string } | undefined {
  const [, token] = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(authorization ?? '') ?? []
  const text = Buffer.from(token ?? '', 'base64').toString()
  const colon = text.indexOf(':')
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) }
}

/** Makes room for one more by forgetting the oldest. */
function remember<Kept extends Set<string> | Map<string, unknown>>(kept: Kept): Kept {
  if (kept.size >= remembered) kept.delete(kept.keys().next().value as string)
  return kept
}
