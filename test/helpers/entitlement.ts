import { appendFileSync, copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import type { Authority } from './authority.ts'

const redHat = '1.3.6.1.4.1.2312.9'

export interface EntitlementOptions {
  version: 1 | 3
  /** Paths of the content network, with variables such as `$basearch`. */
  paths: string[]
  /** Version 3: whether they stand in the block behind the certificate only, as of one for a whole organization. */
  inDataOnly?: boolean
  days?: number
}

/** Makes an entitlement certificate as Candlepin does, NUMBER.pem and NUMBER-key.pem in a folder; its path. */
export function makeEntitlement(
  authority: Authority,
  folder: string,
  number: string,
  options: EntitlementOptions,
): string {
  const { version, paths, inDataOnly = false, days = 100 } = options
  const tree = inDataOnly ? ['/sca/1234567'] : paths
  const extensions =
    version === 1 ? contentSets(paths) : [`${redHat}.6=ASN1:UTF8String:3.4`, `${redHat}.7=${octets(tree)}`]
  const { cert, key } = authority.sign(number, { days, extensions: extensions.join('\n') })
  const file = join(folder, `${number}.pem`)
  copyFileSync(cert, file)
  copyFileSync(key, join(folder, `${number}-key.pem`))
  if (version === 3) appendFileSync(file, dataBlock(paths))
  return file
}

function contentSets(paths: string[]): string[] {
  return paths.flatMap((path, i) => [
    `${redHat}.2.${i + 100}.1=ASN1:UTF8String:yum`,
    `${redHat}.2.${i + 100}.1.1=ASN1:UTF8String:name`,
    // In OpenSSL's configuration a dollar begins a variable, so that the UTF8String is written out.
    `${redHat}.2.${i + 100}.1.6=DER:${der(path)}`,
  ])
}

function der(text: string): string {
  const bytes = Buffer.from(text)
  return Buffer.concat([Buffer.from([0x0c, bytes.length]), bytes]).toString('hex')
}

function octets(paths: string[]): string {
  return `ASN1:FORMAT:HEX,OCTETSTRING:${encodeTree(paths).toString('hex')}`
}

function dataBlock(paths: string[]): string {
  const json = { products: [{ id: '1', name: 'RHEL', content: paths.map((path) => ({ type: 'yum', path })) }] }
  const text = deflateSync(JSON.stringify(json)).toString('base64').replace(/.{64}/g, '$&\n')
  return `-----BEGIN ENTITLEMENT DATA-----\n${text}\n-----END ENTITLEMENT DATA-----\n`
}

type Node = Map<string, number>

/** Paths in the form of version 3; written from its description, apart from the reader. */
export function encodeTree(paths: string[]): Buffer {
  const nodes: Node[] = [new Map()]
  for (const path of paths) {
    let at = nodes[0] as Node
    for (const word of path.split('/').filter(Boolean)) {
      const known = at.get(word)
      if (known === undefined) at.set(word, nodes.push(new Map()) - 1)
      at = nodes[known ?? nodes.length - 1] as Node
    }
  }
  const words = [...new Set(nodes.flatMap((node) => [...node.keys()])), '']
  const wordCodes = codes(words.length)
  const nodeCodes = codes(nodes.length - 1)
  let bits = ''
  for (const node of nodes) {
    for (const [word, to] of node) bits += `${wordCodes[words.indexOf(word)]}${nodeCodes[to - 1]}`
    bits += wordCodes.at(-1)
  }
  const packed = (bits.match(/.{1,8}/g) ?? []).map((eight) => Number.parseInt(eight.padEnd(8, '0'), 2))
  const count = nodes.length < 128 ? [nodes.length] : [130, nodes.length >> 8, nodes.length & 255]
  return Buffer.concat([deflateSync(words.join('\0')), Buffer.from([...count, ...packed])])
}

/** The Huffman code of each of so many things, which weigh 1, 2, 3, ...; of equal ones the older goes first. */
function codes(length: number): string[] {
  const found: string[] = Array.from({ length }, () => '')
  let queue = found.map((_, i) => ({ weight: i + 1, age: i, leaves: [i] }))
  let age = length
  while (queue.length > 1) {
    queue.sort((a, b) => a.weight - b.weight || a.age - b.age)
    const [left, right, ...rest] = queue as [(typeof queue)[number], (typeof queue)[number], ...typeof queue]
    for (const leaf of left.leaves) found[leaf] = `0${found[leaf]}`
    for (const leaf of right.leaves) found[leaf] = `1${found[leaf]}`
    queue = [...rest, { weight: left.weight + right.weight, age: age++, leaves: [...left.leaves, ...right.leaves] }]
  }
  return found
}
