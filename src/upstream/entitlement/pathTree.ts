import { inflateSync } from 'node:zlib'

/** A node of the tree: where each next segment leads; none at the end of a path. */
type Node = { next: Map<string, Node[]> }

/** A Huffman tree: a leaf, or two branches for the bits 0 and 1. */
type Huffman<T> = { leaf: T } | { branches: [Huffman<T>, Huffman<T>] }

const limits = { words: 1024 * 1024, nodes: 100_000 }

/**
 * Reads the paths that a version 3 entitlement certificate covers, and says whether it covers one, given by its segments.
 *
 * The form (subscription-manager, src/rhsm/pathtree.py and huffman.py): a zlib stream with the words, separated by null
 * characters, each of them weighing its place, from 1; the last one is empty. Behind it the number of nodes, in one byte
 * or, with bit 7 set, in as many bytes as the others say; of these, all but the root weigh their places. Then for each node,
 * root first, pairs of the codes of a word and of the node to which it leads, until the empty word.
 * @throws for anything else
 */
export function readPathTree(data: Buffer): (segments: readonly string[]) => boolean {
  const { words, rest } = unpack(data)
  const bits = new Bits(rest)
  const count = nodeCount(bits)
  const root: Node = { next: new Map() }
  const others = Array.from({ length: count - 1 }, (): Node => ({ next: new Map() }))
  const wordCodes = huffman(words)
  const nodeCodes = others.length === 0 ? undefined : huffman(others)
  for (const node of [root, ...others]) readNode(node, wordCodes, nodeCodes, bits)
  return (segments) => covers(root, segments)
}

function unpack(data: Buffer): { words: string[]; rest: Buffer } {
  const options = { info: true, maxOutputLength: limits.words } as const
  const { buffer, engine } = inflateSync(data, options) as unknown as {
    buffer: Buffer
    engine: { bytesWritten: number }
  }
  return { words: buffer.toString('utf8').split('\0'), rest: data.subarray(engine.bytesWritten) }
}

function nodeCount(bits: Bits): number {
  const first = bits.byte()
  let count = first
  if (first >= 128) {
    count = 0
    for (let left = first - 128; left > 0; left--) count = count * 256 + bits.byte()
  }
  if (count < 1 || count > limits.nodes) throw new RangeError(`${count} nodes`)
  return count
}

function readNode(node: Node, words: Huffman<string>, nodes: Huffman<Node> | undefined, bits: Bits): void {
  for (;;) {
    const word = decode(words, bits)
    if (word === undefined || word === '' || nodes === undefined) return
    const to = decode(nodes, bits)
    if (to === undefined) return
    const known = node.next.get(word)
    if (known === undefined) node.next.set(word, [to])
    else known.push(to)
  }
}

/** Whether some path of the tree is the beginning of this one; a word such as `$basearch` stands for any segment. */
function covers({ next }: Node, [segment, ...rest]: readonly string[]): boolean {
  if (next.size === 0) return true
  if (segment === undefined) return false
  const matching = [...next].filter(([word]) => word === segment || word.startsWith('$'))
  return matching.some(([, nodes]) => nodes.some((node) => covers(node, rest)))
}

/** The two lightest are put together until one is left; of equally light ones those that have been there for longer. */
function huffman<T>(leaves: readonly T[]): Huffman<T> {
  let light: { weight: number; tree: Huffman<T> }[] = leaves.map((leaf, i) => ({ weight: i + 1, tree: { leaf } }))
  let made: typeof light = []
  // Leaves and what was made of them are both in ascending order, so that the lightest is first in one of the two.
  const take = () => {
    const [a, b] = [light[0], made[0]]
    if (a !== undefined && (b === undefined || a.weight <= b.weight)) {
      light = light.slice(1)
      return a
    }
    made = made.slice(1)
    return b as (typeof light)[number]
  }
  while (light.length + made.length > 1) {
    const [left, right] = [take(), take()]
    made.push({ weight: left.weight + right.weight, tree: { branches: [left.tree, right.tree] } })
  }
  const [last] = [...light, ...made]
  if (last === undefined) throw new RangeError('no words')
  return last.tree
}

function decode<T>(tree: Huffman<T>, bits: Bits): T | undefined {
  let at = tree
  while ('branches' in at) {
    const bit = bits.next()
    if (bit === undefined) return undefined
    at = at.branches[bit]
  }
  return at.leaf
}

class Bits {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  next(): 0 | 1 | undefined {
    const byte = this.#bytes[this.#at >> 3]
    if (byte === undefined) return undefined
    return ((byte >> (7 - (this.#at++ & 7))) & 1) as 0 | 1
  }

  /** A whole byte, before any bit was taken alone. */
  byte(): number {
    const byte = this.#bytes[this.#at >> 3]
    if (byte === undefined) throw new RangeError('the tree ends early')
    this.#at += 8
    return byte
  }
}
