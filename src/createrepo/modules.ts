import { MirrorError } from '../errors.ts'
import { readOpened } from '../repodata/compression.ts'
import { splitModules } from '../repodata/modules/modules.ts'
import { checkModulemd } from '../repodata/modules/yaml.ts'

/** One stream of all documents in the files, each once, in the files' order. @throws E_MODULES naming the file */
export async function* mergeModules(files: readonly string[]): AsyncGenerator<Buffer, void, undefined> {
  const seen = new Set<string>()
  for (const file of files)
    for await (const document of documentsOf(file)) {
      if (seen.has(document)) continue
      seen.add(document)
      yield Buffer.from(`---\n${document}...\n`, 'latin1')
    }
}

/** The documents of a file without what sets them apart, each ending with a line's end. */
async function* documentsOf(file: string): AsyncGenerator<string, void, undefined> {
  try {
    for await (const piece of splitModules(readOpened(file, { openSize: undefined, openChecksum: undefined }))) {
      const document = bare(piece)
      if (!/^[^#\s%]/m.test(document)) continue
      checkModulemd(document)
      yield document.endsWith('\n') ? document : `${document}\n`
    }
  } catch (cause) {
    if (!(cause instanceof MirrorError)) throw cause
    throw new MirrorError(cause.code, `Cannot use ${file}: ${cause.message}`, { cause })
  }
}

/** Without `---` and what stands before it, and without `...`. */
function bare(piece: string): string {
  const [, behind = piece] = /^---(?=\s|$)([\s\S]*)/m.exec(piece) ?? []
  return behind.replace(/^\.\.\.\s*$/m, '').replace(/^[^\S\n]*\n/, '')
}
