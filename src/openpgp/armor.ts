import { Malformed } from './packet.ts'

/** One armored block: what stands behind `BEGIN PGP`, and its bytes. */
export type Block = { kind: string; bytes: Buffer }

const begin = /^-----BEGIN PGP ([A-Z ,/0-9]+)-----[ \t\r]*$/
const maxBlocks = 1000

/**
 * Reads every armored block of a text (RFC 9580, 6); what stands around them is passed over. A checksum is compared where
 * there is one. Of a clear-signed text its signature is given, behind an empty block of kind SIGNED MESSAGE.
 * @throws Malformed naming what is wrong
 */
export function readArmor(text: string): Block[] {
  const blocks: Block[] = []
  const lines = text.split('\n')
  for (let i = 0; i < lines.length; i++) {
    const kind = begin.exec(lines[i] as string)?.[1]
    if (kind === undefined) continue
    if (blocks.push({ kind, bytes: Buffer.alloc(0) }) > maxBlocks) throw new Malformed(`more than ${maxBlocks} blocks`)
    if (kind === 'SIGNED MESSAGE') continue
    const end = lines.findIndex((line, at) => at > i && line.trimEnd() === `-----END PGP ${kind}-----`)
    if (end < 0) throw new Malformed(`the armored ${kind} has no end`)
    blocks[blocks.length - 1] = { kind, bytes: decode(lines.slice(i + 1, end)) }
    i = end
  }
  return blocks
}

/** An armored block, as gpg writes it. */
export function writeArmor({ kind, bytes }: Block): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  const sum = crc24(bytes).toString('base64')
  return [`-----BEGIN PGP ${kind}-----`, '', ...lines, `=${sum}`, `-----END PGP ${kind}-----`, ''].join('\n')
}

/** The bytes of the lines between a block's first and last: headers up to an empty line, base64, maybe a checksum. */
function decode(lines: string[]): Buffer {
  const empty = lines.findIndex((line) => line.trim() === '')
  if (empty < 0 || !lines.slice(0, empty).every((line) => /^[^:]+:(\s|$)/.test(line)))
    throw new Malformed('an armored block has no empty line before its content')
  const body = lines.slice(empty + 1).map((line) => line.trim())
  while (body.at(-1) === '') body.pop()
  const sum = body.at(-1)?.startsWith('=') === true ? (body.pop() as string) : undefined
  const bytes = decodeBase64(body.join(''))
  if (sum !== undefined && sum !== `=${crc24(bytes).toString('base64')}`)
    throw new Malformed("an armored block's checksum differs")
  return bytes
}

/** @throws Malformed for what is not base64; node would pass over it */
export function decodeBase64(text: string): Buffer {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw new Malformed('it is not base64')
  return Buffer.from(text, 'base64')
}

/** RFC 9580, 6.1.1. */
function crc24(bytes: Buffer): Buffer {
  let crc = 0xb704ce
  for (const byte of bytes) {
    crc ^= byte << 16
    for (let i = 0; i < 8; i++) crc = (crc << 1) ^ ((crc & 0x800000) === 0 ? 0 : 0x1864cfb)
  }
  const sum = Buffer.alloc(3)
  sum.writeUIntBE(crc & 0xffffff, 0, 3)
  return sum
}
