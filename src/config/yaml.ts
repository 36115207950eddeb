import { isAlias, isMap, isScalar, isSeq, LineCounter, type Pair, parseDocument, Scalar, type YAMLError } from 'yaml'
import { type Mistakes, type Place, quoted } from './mistakes.ts'
import { mapValue, type Tree } from './tree.ts'

/** Caps against alias bombs and towers of brackets: far above any real configuration. */
const limits = { nodes: 100_000, depth: 20 }

/** The text of a YAML file as a tree; undefined after saying what is wrong with its syntax. */
export function readYaml(text: string, file: string, mistakes: Mistakes): Tree | undefined {
  const lines = new LineCounter()
  // failsafe: every scalar is a string; uniqueKeys would compare each key with all others, the reader does it at once
  const options = { schema: 'failsafe', resolveKnownTags: false, uniqueKeys: false, prettyErrors: false } as const
  const { contents, errors, warnings } = parseDocument(text, { ...options, lineCounter: lines })
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  if (errors.length + warnings.length > 0) return tellSyntax([...errors, ...warnings], placeAt, mistakes)
  if (contents !== null) return new Reader(placeAt, mistakes).readAll(contents)
  mistakes.add(placeAt(0), 'the file is empty', 'write at least root: and repos: or include:')
}

/** The first error of each line: those that follow it are mostly its consequences. */
function tellSyntax(wrong: readonly YAMLError[], placeAt: (offset: number) => Place, mistakes: Mistakes): undefined {
  const lines = new Set<number | undefined>()
  for (const { pos, code, message } of wrong) {
    const place = placeAt(pos[0])
    if (lines.has(place.line)) continue
    lines.add(place.line)
    mistakes.add(place, `YAML: ${plainMessages[code] ?? message}`, 'correct the syntax here or just before')
  }
}

const plainMessages: Record<string, string> = {
  MULTIPLE_DOCS: 'more than one document in the file',
  RESOURCE_EXHAUSTION: 'nested too deep',
}

/** The walk over one document's nodes. It resolves aliases itself: yaml's own way searches the document for each anew. */
class Reader {
  readonly #anchors = new Map<string, unknown>()
  readonly #placeAt: (offset: number) => Place
  readonly #mistakes: Mistakes
  #nodes = 0
  #stopped = false

  constructor(placeAt: (offset: number) => Place, mistakes: Mistakes) {
    this.#placeAt = placeAt
    this.#mistakes = mistakes
  }

  /** The whole document, or undefined when a limit stopped the walk. */
  readAll(node: unknown): Tree | undefined {
    const tree = this.#read(node, 0)
    return this.#stopped ? undefined : tree
  }

  #read(node: unknown, depth: number, keyPlace?: Place): Tree {
    const place = this.#placeOf(node, keyPlace)
    const tree: Tree = { value: '', place, keyPlace: keyPlace ?? place, within: new Map() }
    this.#count(place, depth)
    const target = this.#stopped ? undefined : this.#resolve(node, place)
    if (isScalar(target)) tree.value = String(target.value)
    if (isSeq(target)) this.#list(target.items, tree, depth)
    if (isMap(target)) this.#map(target.items, tree, depth)
    return tree
  }

  #list(items: unknown[], tree: Tree, depth: number): void {
    const trees: Tree[] = []
    for (const item of items) if (!this.#stopped) trees.push(this.#read(item, depth + 1))
    tree.value = trees.map(({ value }) => value)
    for (const [i, item] of trees.entries()) tree.within.set(String(i), item)
  }

  #map(pairs: Pair[], tree: Tree, depth: number): void {
    for (const { key, value } of pairs) {
      if (this.#stopped) return
      const place = this.#placeOf(key, tree.place)
      if (this.#isKey(key, place, tree)) tree.within.set(String(key.value), this.#read(value, depth + 1, place))
    }
    tree.value = mapValue(tree.within)
  }

  #isKey(key: unknown, place: Place, { within }: Tree): key is { value: unknown } {
    if (!isScalar(key) || key.value === '__proto__') {
      this.#mistakes.add(place, 'this cannot be a key', 'write a plain word in front of the colon')
      return false
    }
    const first = within.get(String(key.value))
    if (first === undefined) return true
    const what = `the key ${quoted(String(key.value))} is given twice`
    this.#mistakes.add(place, what, `the first one is in line ${first.keyPlace.line}: leave one of them out`)
    return false
  }

  #resolve(node: unknown, place: Place): unknown {
    if (isAlias(node)) {
      if (this.#anchors.has(node.source)) return this.#anchors.get(node.source)
      const what = `YAML reads ${quoted(`*${node.source}`)} as an alias, and no anchor has this name`
      this.#mistakes.add(place, what, `a glob that begins with * needs quotes: "*${node.source}"`)
      return new Scalar(`*${node.source}`)
    }
    if (!isScalar(node) && !isSeq(node) && !isMap(node)) return undefined
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node)
    return node
  }

  #count(place: Place, depth: number): void {
    this.#nodes++
    if (this.#stopped || (depth <= limits.depth && this.#nodes <= limits.nodes)) return
    const what = depth > limits.depth ? 'nested too deep' : `more than ${limits.nodes} values, aliases written out`
    this.#mistakes.add(place, what, 'write it shorter')
    this.#stopped = true
  }

  #placeOf(node: unknown, otherwise: Place | undefined): Place {
    const range = (node as { range?: [number, number, number] | null } | null)?.range
    return range == null ? (otherwise ?? this.#placeAt(0)) : this.#placeAt(range[0])
  }
}
