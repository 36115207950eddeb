import { MirrorError } from '../../errors.ts'
import { idOf, type ModuleStream, readModulemd, trimModulemd } from './modulemd.ts'

/** The largest modules file of a distribution has some 5 MB, the largest document in it some 200 kB. */
const limits = { bytes: 256 * 1024 * 1024, documentBytes: 16 * 1024 * 1024 }

/** Where a document ends, whatever stands before: at the start of a line nothing else may look like these (YAML 1.2 section 9.1.2). */
const marker = /^(?:---|\.\.\.)(?=[ \t\r\n])/gm
/** A line of a document, its `---` too: neither empty nor a comment nor a directive. */
const content = /^[ \t]*[^#%\s]/m

/**
 * The documents of a modules file, as they lie there: put together again they are the file. Each is a string of bytes
 * (latin1), with its `---`, its `...` and the comments before it; the last one may be comments alone.
 */
export async function* splitModules(file: AsyncIterable<Buffer>): AsyncGenerator<string, void, undefined> {
  let rest = ''
  let bytes = 0
  for await (const chunk of file) {
    bytes += chunk.length
    if (bytes > limits.bytes) throw new MirrorError('E_LIMIT', `modules documents of more than ${limits.bytes} bytes`)
    rest += chunk.toString('latin1')
    let from = 0
    for (const end of ends(rest)) {
      yield rest.slice(from, end)
      from = end
    }
    rest = rest.slice(from)
    if (rest.length > limits.documentBytes)
      throw new MirrorError('E_LIMIT', `a modules document of more than ${limits.documentBytes} bytes`)
  }
  if (rest !== '') yield rest
}

/** Where the documents end of which the whole is there. */
function* ends(text: string): Generator<number> {
  let from = 0
  for (const { 0: sign, index } of text.matchAll(marker)) {
    const end = sign === '---' ? index : text.indexOf('\n', index) + 1
    if (end <= from || !content.test(text.slice(from, index))) continue
    yield end
    from = end
  }
}

/** The streams of a modules file; documents that are none (defaults, obsoletes, translations) are passed over. */
export async function* moduleStreams(file: AsyncIterable<Buffer>): AsyncGenerator<ModuleStream, void, undefined> {
  let number = 0
  for await (const document of splitModules(file)) {
    number++
    const stream = inDocument(number, () => readModulemd(document))
    if (stream !== undefined) yield stream
  }
}

/**
 * A modules file that names only the artifacts that are there: the lines of the others are cut out, and so are streams
 * that have none left. Nothing else changes. Returns whether one was cut out for being `dropped`.
 */
export async function* trimModules(
  file: AsyncIterable<Buffer>,
  { isThere, isDropped }: Record<'isThere' | 'isDropped', (nevra: string) => boolean>,
): AsyncGenerator<Buffer, boolean, undefined> {
  let dropped = false
  const stays = (nevra: string) => {
    dropped ||= isDropped(nevra)
    return isThere(nevra)
  }
  let number = 0
  for await (const document of splitModules(file)) {
    number++
    const trimmed = inDocument(number, () => trimModulemd(document, stays))
    if (trimmed !== '') yield Buffer.from(separated(trimmed), 'latin1')
  }
  return dropped
}

/**
 * The streams of `own`, an older modules file, that have artifacts which are there and in none of a newer one's streams,
 * each with what is there of it. Streams that the newer one has too are left to that.
 */
export async function* forgottenModules(
  own: AsyncIterable<Buffer>,
  newer: AsyncIterable<Buffer> | undefined,
  isThere: (nevra: string) => boolean,
): AsyncGenerator<Buffer, void, undefined> {
  const known = new Set<string>()
  const listed = new Set<string>()
  if (newer !== undefined)
    for await (const stream of moduleStreams(newer)) {
      known.add(idOf(stream))
      for (const artifact of stream.artifacts) listed.add(artifact)
    }
  for await (const document of splitModules(own)) {
    const stream = readModulemd(document)
    if (stream === undefined || known.has(idOf(stream))) continue
    if (stream.artifacts.some((artifact) => isThere(artifact) && !listed.has(artifact)))
      yield Buffer.from(separated(trimModulemd(document, isThere)), 'latin1')
  }
}

/** A document that only the `...` before it sets apart, which may be gone with that one. */
function separated(document: string): string {
  return /^---/m.test(document) || !content.test(document) ? document : `---\n${document}`
}

function inDocument<T>(number: number, step: () => T): T {
  try {
    return step()
  } catch (cause) {
    if (!(cause instanceof MirrorError)) throw cause
    throw new MirrorError(cause.code, `document ${number}: ${cause.message}`, { cause })
  }
}
