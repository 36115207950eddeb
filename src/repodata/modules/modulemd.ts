import { readPlainModulemd } from './lines.ts'
import { artifactsPath, parseModulemd, textsAt, withArtifacts } from './yaml.ts'

/**
 * One version and context of a module's stream (libmodulemd, yaml_specs/modulemd_stream_v2.yaml): what selecting needs of
 * it. `version` is a number of up to 64 bits, as text. Artifacts are NEVRAs as this program writes them: without an
 * epoch of 0, which modulemd always writes.
 */
export type ModuleStream = {
  name: string
  stream: string
  version: string
  context: string
  arch: string
  artifacts: string[]
}

/** What tells streams of a module apart, of which a repository has one document. */
export function idOf({ name, stream, version, context, arch }: ModuleStream): string {
  return [name, stream, version, context, arch].join(':')
}

const identifying = ['name', 'stream', 'version', 'context', 'arch']

/** The kinds of documents that are streams: v1 and v2, and v3 under a name of its own. */
const streamKinds: ReadonlySet<string> = new Set(['modulemd', 'modulemd-stream'])

/** Reads a document given as a string of bytes; undefined for one that is no stream. @throws E_MODULES */
export function readModulemd(document: string): ModuleStream | undefined {
  const plain = readPlainModulemd(document)
  if (plain !== undefined) {
    if (!streamKinds.has(plain.kind)) return undefined
    return streamOf(
      plain.fields,
      plain.artifacts.map(({ text }) => text),
    )
  }
  const { parsed, kind, field } = parseModulemd(document)
  if (kind === undefined || !streamKinds.has(kind)) return undefined
  return streamOf(new Map(identifying.map((key) => [key, field(key)])), textsAt(parsed, artifactsPath))
}

/**
 * The document with those artifacts alone that stay, all else as it was; an empty text where it named some and none is
 * left. @throws E_MODULES
 */
export function trimModulemd(document: string, stays: (nevra: string) => boolean): string {
  const plain = readPlainModulemd(document)
  if (plain === undefined) return trimParsed(document, stays)
  if (!streamKinds.has(plain.kind)) return document
  const { artifacts } = plain
  const gone = artifacts.filter(({ text }) => !stays(shownNevra(text)))
  if (gone.length === 0) return document
  if (gone.length === artifacts.length) return ''
  let from = 0
  const kept = gone.map(({ start, end }) => {
    const before = document.slice(from, start)
    from = end
    return before
  })
  return kept.join('') + document.slice(from)
}

function trimParsed(document: string, stays: (nevra: string) => boolean): string {
  const { parsed, kind } = parseModulemd(document)
  if (kind === undefined || !streamKinds.has(kind)) return document
  const artifacts = textsAt(parsed, artifactsPath)
  const kept = new Set(artifacts.filter((artifact) => stays(shownNevra(artifact))))
  if (artifacts.every((artifact) => kept.has(artifact))) return document
  return kept.size === 0 ? '' : withArtifacts(parsed, kept)
}

function streamOf(fields: ReadonlyMap<string, string>, artifacts: readonly string[]): ModuleStream {
  const [name = '', stream = '', version = '0', context = '', arch = ''] = identifying.map((key) => fields.get(key))
  return { name, stream, version, context, arch, artifacts: artifacts.map(shownNevra) }
}

/** `bash-0:5.1-1.x86_64` as it is shown: `bash-5.1-1.x86_64`. */
function shownNevra(artifact: string): string {
  const colon = artifact.lastIndexOf(':')
  return artifact.endsWith('-0', colon) && colon > 1
    ? artifact.slice(0, colon - 1) + artifact.slice(colon + 1)
    : artifact
}
