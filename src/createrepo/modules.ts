import { parseAllDocuments } from 'yaml'
import { MirrorError } from '../errors.ts'
import { readOpened } from '../repodata/compression.ts'

/** The largest modules file of a distribution has some 5 MB. */
const maxBytes = 256 * 1024 * 1024

/** One stream of all documents in the files, each once, in the files' order. @throws E_MODULES naming the file */
export async function* mergeModules(files: readonly string[]): AsyncGenerator<Buffer, void, undefined> {
  const seen = new Set<string>()
  for (const file of files)
    for (const document of splitDocuments(await readText(file), file)) {
      if (seen.has(document)) continue
      seen.add(document)
      yield Buffer.from(`---\n${document}...\n`)
    }
}

async function readText(file: string): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of readOpened(file, { openSize: undefined, openChecksum: undefined })) {
    bytes += part.length
    if (bytes > maxBytes) throw new MirrorError('E_LIMIT', `${file} has more than ${maxBytes} bytes`)
    parts.push(Buffer.from(part))
  }
  return Buffer.concat(parts).toString('utf8')
}

/** The documents of a YAML stream, as text that ends with a line's end. */
function splitDocuments(text: string, file: string): string[] {
  const documents = text
    .split(/^(?:---(?=\s|$)|\.\.\.\s*$)/m)
    .map((document) => document.replace(/^[^\S\n]*\n/, ''))
    .filter((document) => /^[^#\s%]/m.test(document))
  for (const document of documents) check(document, file)
  return documents.map((document) => (document.endsWith('\n') ? document : `${document}\n`))
}

/** A modulemd document says what it is and of which version; clients refuse the whole file otherwise. */
function check(document: string, file: string): void {
  const [parsed] = parseAllDocuments(document)
  const error = parsed?.errors[0]
  if (error !== undefined) throw new MirrorError('E_MODULES', `Cannot use ${file}: ${error.message.split('\n')[0]}`)
  const content = parsed?.toJS() as { document?: unknown; version?: unknown; data?: unknown } | undefined
  if (typeof content?.document !== 'string' || typeof content.version !== 'number' || content.data === undefined)
    throw new MirrorError('E_MODULES', `Cannot use ${file}: not modulemd; document, version and data are expected`)
}
