import { hash } from 'node:crypto'

/** One iterated hash of crypt(3), as a password file has it behind its prefix and salt. */
export type Crypt = (password: Buffer, salt: Buffer, rounds: number) => string

/** `$5$` and `$6$`: https://www.akkadia.org/drepper/SHA-crypt.txt, whose steps are numbered there. */
export function shaCrypt(algorithm: 'sha256' | 'sha512'): Crypt {
  return (password, salt, rounds) => {
    const digest = digestBy(algorithm)
    const b = digest(password, salt, password) // 4-8
    const a = digest(password, salt, filledWith(b, password.length), ...bits(password.length, b, password)) // 9-12
    const p = filledWith(digest(filledWith(password, password.length ** 2)), password.length) // 13-16
    const s = filledWith(digest(filledWith(salt, salt.length * (16 + (a[0] as number)))), salt.length) // 17-20
    return encode(iterate(digest, rounds, { first: a, password: p, salt: s }), orders[algorithm]) // 21-22
  }
}

/** `$apr1$`, which Apache's htpasswd writes by default: crypt's MD5 with another prefix and always 1,000 rounds. */
export const apr1: Crypt = (password, salt) => {
  const digest = digestBy('md5')
  const b = digest(password, salt, password)
  const nul = Buffer.alloc(1)
  const parts = [password, Buffer.from('$apr1$'), salt, filledWith(b, password.length)]
  const first = digest(...parts, ...bits(password.length, nul, password.subarray(0, 1)))
  return encode(iterate(digest, 1000, { first, password, salt }), orders.md5)
}

type DigestOf = (...parts: readonly Buffer[]) => Buffer

function digestBy(algorithm: string): DigestOf {
  return (...parts) => hash(algorithm, Buffer.concat(parts), 'buffer')
}

/** What makes a guess expensive. */
function iterate(digest: DigestOf, rounds: number, { first, password, salt }: Record<string, Buffer>): Buffer {
  let last = first as Buffer
  for (let round = 0; round < rounds; round++) {
    const odd = round % 2 === 1
    const parts = [odd ? password : last, round % 3 ? salt : none, round % 7 ? password : none, odd ? last : password]
    last = digest(...(parts as Buffer[]))
  }
  return last
}

const none = Buffer.alloc(0)

function filledWith(bytes: Buffer, length: number): Buffer {
  return bytes.length === 0 ? none : Buffer.alloc(length, bytes)
}

/** One part for each bit of the length, the lowest first. */
function bits(length: number, set: Buffer, unset: Buffer): Buffer[] {
  const parts: Buffer[] = []
  for (let rest = length; rest > 0; rest >>= 1) parts.push(rest % 2 === 1 ? set : unset)
  return parts
}

/** The bytes of a digest in the order in which each encoding takes them, by three; the last group may be short. */
const orders = {
  md5: [...groups(5, [0, 6, 12], ([a, b, c]) => [a + 1, b + 1, c + 1]).map(lastOfMd5), [11]],
  sha256: [...groups(10, [0, 10, 20], ([a, b, c]) => [c + 1, a + 1, b + 1]), [31, 30]],
  sha512: [...groups(21, [0, 21, 42], ([a, b, c]) => [b + 1, c + 1, a + 1]), [63]],
}

type Triple = [number, number, number]

function groups(count: number, first: Triple, next: (group: Triple) => Triple): Triple[] {
  const all = [first]
  while (all.length < count) all.push(next(all.at(-1) as Triple))
  return all
}

function lastOfMd5([a, b, c]: Triple): Triple {
  return c === 16 ? [a, b, 5] : [a, b, c]
}

const letters = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Six bits a letter, the lowest first. */
function encode(digest: Buffer, order: readonly (readonly number[])[]): string {
  return order
    .map((group) => {
      const value = group.reduce((sum, at) => sum * 256 + (digest[at] as number), 0)
      return Array.from({ length: group.length + 1 }, (_, letter) => letters[(value >> (6 * letter)) & 63]).join('')
    })
    .join('')
}
