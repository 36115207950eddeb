import { isUtf8 } from 'node:buffer'
import { type Document, isMap, isScalar, isSeq, parseDocument } from 'yaml'
import { MirrorError } from '../../errors.ts'

/** A YAML parser takes some seconds for so many bytes. */
const maxBytes = 4 * 1024 * 1024

/** Where a stream has its artifacts, and what maps digests to some of them. */
export const artifactsPath = ['data', 'artifacts', 'rpms']
const mapPath = ['data', 'artifacts', 'rpm-map']

/** A parsed document, what it says it is, and scalars of its `data`; a missing one is an empty text. */
export type ParsedModulemd = { parsed: Document; kind: string | undefined; field: (key: string) => string }

/** Reads a document of any form, given as a string of bytes; its scalars are texts. @throws E_MODULES, E_LIMIT */
export function parseModulemd(document: string): ParsedModulemd {
  const parsed = parse(document)
  const text = (path: string[]) => {
    const value = parsed.getIn(path)
    return typeof value === 'string' ? value : undefined
  }
  return { parsed, kind: text(['document']), field: (key) => text(['data', key]) ?? '' }
}

/** Checks that a document says what it is and of which version: clients refuse the whole file otherwise. @throws E_MODULES */
export function checkModulemd(document: string): void {
  const parsed = parse(document)
  const version = parsed.getIn(['version'])
  if (typeof parsed.getIn(['document']) !== 'string' || !/^\d+$/.test(String(version)) || !parsed.has('data'))
    throw new MirrorError('E_MODULES', 'not modulemd; document, version and data are expected')
}

function parse(document: string): Document {
  if (document.length > maxBytes)
    throw new MirrorError('E_LIMIT', `more than ${maxBytes} bytes in a form that libmodulemd does not write`)
  const bytes = Buffer.from(document, 'latin1')
  if (!isUtf8(bytes)) throw new MirrorError('E_MODULES', 'not UTF-8')
  return guarded(() => {
    const parsed = parseDocument(bytes.toString('utf8'), { schema: 'failsafe', logLevel: 'silent' })
    const [error] = parsed.errors
    if (error !== undefined) throw error
    // Resolves aliases within yaml's bound, and finds those that nothing is behind.
    parsed.toJS()
    if (parsed.contents !== null && !('items' in parsed.contents)) throw new Error('a mapping expected')
    return parsed
  })
}

/** The texts of a list; none where there is none. @throws E_MODULES for anything else in its place */
export function textsAt(parsed: Document, path: readonly string[]): string[] {
  const list = parsed.getIn(path, true)
  if (list === undefined || (isScalar(list) && !list.value)) return []
  const items = isSeq(list) ? (list.toJS(parsed) as unknown[]) : [undefined]
  if (items.every((item) => typeof item === 'string')) return items
  throw new MirrorError('E_MODULES', `${path.join('.')}: a list of texts expected`)
}

/** The document, as a string of bytes, with these artifacts alone, of which some are its own. @throws E_MODULES */
export function withArtifacts(parsed: Document, artifacts: ReadonlySet<string>): string {
  const text = guarded(() => {
    const changed = parsed.clone()
    changed.setIn(artifactsPath, changed.createNode([...artifacts]))
    trimMap(changed, artifacts)
    return changed.toString({ lineWidth: 0, directives: true })
  })
  return Buffer.from(`${text.replace(/\n*$/, '\n')}...\n`).toString('latin1')
}

/**
 * Takes out of `rpm-map` what is no artifact any more: every entry must match one (libmodulemd,
 * yaml_specs/modulemd_stream_v2.yaml). It has a map of digests, each with its `nevra`, for every algorithm.
 */
function trimMap(document: Document, artifacts: ReadonlySet<string>): void {
  const algorithms = document.getIn(mapPath)
  if (!isMap(algorithms)) return
  for (const { value: digests } of algorithms.items)
    if (isMap(digests))
      digests.items = digests.items.filter(({ value }) => isMap(value) && artifacts.has(String(value.get('nevra'))))
  algorithms.items = algorithms.items.filter(({ value }) => !isMap(value) || value.items.length > 0)
  if (algorithms.items.length === 0) document.deleteIn(mapPath)
}

/** A parser that gives up, or runs out of stack on a document that is nothing but brackets, says so in one line. */
function guarded<T>(step: () => T): T {
  try {
    return step()
  } catch (cause) {
    const [line = ''] = (cause as Error).message.split('\n')
    throw new MirrorError('E_MODULES', line.replace(/:$/, ''), { cause })
  }
}
