/** An artifact and where its lines stand in the document. */
export type ArtifactLine = { text: string; start: number; end: number }

/** A document that lines tell apart: its kind (empty where it says none), scalars of `data` and `data.artifacts.rpms`. */
export type PlainModulemd = { kind: string; fields: Map<string, string>; artifacts: ArtifactLine[] }

const needed: ReadonlySet<string> = new Set(['name', 'stream', 'version', 'context', 'arch'])

/** No line of libmodulemd's is longer, in bytes; what looks at lines takes time by the square of their length. */
const maxLine = 64 * 1024

/** A key of a block mapping, and what stands behind it on the line. */
const keyLine = /^([A-Za-z][\w-]*):(?: (.*))?$/
/** A value that goes on beyond its line, in quotes or brackets: what follows may have any indentation. */
const openEnded = /(?:^ *(?:- +)*|: +|- +)(?:"[^"\n]*|'[^'\n]*|\[[^\]\n]*|\{[^}\n]*)$/m

/**
 * Reads a document in the form that libmodulemd writes, by lines and their indentation: block mappings, one key on a line,
 * artifacts one below the other. Undefined for any other form, which is for a YAML parser: everything that could make a
 * line mean something else (a carriage return, an open quote, an anchor, a key twice) counts as one.
 */
export function readPlainModulemd(document: string): PlainModulemd | undefined {
  if (document.includes('\r')) return undefined
  const reader = new LineReader()
  for (let start = 0; start < document.length; ) {
    const newline = document.indexOf('\n', start)
    const end = newline === -1 ? document.length : newline + 1
    if (end - start > maxLine || !reader.read(document, start, newline === -1 ? end : newline, end)) return undefined
    start = end
  }
  if (openEnded.test(document)) return undefined
  return { kind: reader.kind, fields: reader.fields, artifacts: reader.artifacts }
}

const SPACE = 0x20
const NUMBER = 0x23
const DASH = 0x2d

/** Follows the keys of three mappings: the document's, `data` and `data.artifacts`. What is in others is passed over. */
class LineReader {
  kind = ''
  readonly fields = new Map<string, string>()
  readonly artifacts: ArtifactLine[] = []
  readonly #seen = new Set<string>()
  /** The keys that the line stands below, and how far those of each mapping are indented: -1 until the first one came. */
  #keys: string[] = []
  #isInArtifacts = false
  /** Whether that is a value which a further line would go on with. */
  #isInScalar = false
  #itemIndent: number | undefined
  #indents = [0, -1, -1]

  /** Takes the line from `start` to `stop`, its end at `end`; false where it is not of the form. */
  read(text: string, start: number, stop: number, end: number): boolean {
    let at = start
    while (text.charCodeAt(at) === SPACE) at++
    if (at >= stop || text.charCodeAt(at) === NUMBER) return true
    const indent = at - start
    if (indent === 0 && /^(?:---|\.\.\.)/.test(text.slice(at, at + 3))) return /^... *$/.test(text.slice(at, stop))
    const depth = this.#depthAt(indent)
    if (depth === undefined) return !this.#isInScalar
    const isItem = text.charCodeAt(at) === DASH && text.charCodeAt(at + 1) === SPACE
    if (isItem && depth >= 1 && !this.#isInArtifacts) return true
    if (isItem && depth === 2) {
      this.#itemIndent ??= indent
      return indent === this.#itemIndent && this.#item(text.slice(at + 2, stop), start, end)
    }
    return this.#key(text.slice(at, stop), depth)
  }

  /** Which of the three mappings a line of this indentation belongs to; undefined for what is inside a value. */
  #depthAt(indent: number): number | undefined {
    const deepest = this.#keys[0] !== 'data' ? 0 : this.#keys[1] === 'artifacts' ? 2 : 1
    for (let depth = 0; depth <= deepest; depth++) {
      if (this.#indents[depth] === -1) this.#indents[depth] = indent
      if (indent <= (this.#indents[depth] as number)) return depth
    }
    return this.#isInArtifacts ? 2 : undefined
  }

  #item(text: string, start: number, end: number): boolean {
    const artifact = scalar(text)
    if (artifact === undefined) return false
    this.artifacts.push({ text: artifact, start, end })
    return true
  }

  #key(line: string, depth: number): boolean {
    const [, key, behind = ''] = keyLine.exec(line) ?? []
    if (key === undefined) return false
    const value = behind.trim()
    this.#keys = [...this.#keys.slice(0, depth), key]
    const path = this.#keys.join('.')
    // No distribution has maps of digests to artifacts, and who has them can wait for the parser.
    if (path === 'data.artifacts.rpm-map') return false
    if (this.#keys.length !== depth + 1 || this.#seen.has(path)) return false
    this.#seen.add(path)
    this.#isInArtifacts = path === 'data.artifacts.rpms'
    this.#isInScalar = false
    this.#indents.fill(-1, depth + 1)
    if (['data', 'data.artifacts', 'data.artifacts.rpms'].includes(path)) return value === ''
    if (path !== 'document' && !(depth === 1 && needed.has(key))) return true
    const read = scalar(value)
    if (read === undefined) return false
    this.#isInScalar = true
    if (depth === 0) this.kind = read
    else this.fields.set(key, read)
    return true
  }
}

/** What a scalar says, where that needs no thought: nothing escaped, no comment, no indicator. */
function scalar(text: string): string | undefined {
  if (/^[\w.+~^/][\w.+~^/:-]*$/.test(text)) return text
  return /^(?:"([^"\\]*)"|'([^']*)')$/
    .exec(text)
    ?.slice(1)
    .find((inner) => inner !== undefined)
}
