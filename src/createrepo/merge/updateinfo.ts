import { createHash } from 'node:crypto'
import { MirrorError } from '../../errors.ts'
import { readOpened } from '../../repodata/compression.ts'
import { parseXml } from '../../xml/parse.ts'
import { scanElement } from '../../xml/scan.ts'
import { metadataOf, type Source } from './source.ts'

/**
 * One updateinfo.xml of all advisories of the repositories, each once; undefined where no repository has any. Advisories
 * of one id that tell of different packages all stay: dnf and zypper read them together, as they do from repositories
 * apart. mergerepo_c writes an empty document instead (src/mergerepo_c.c 1447).
 */
export async function mergeUpdateinfo(sources: readonly Source[]): Promise<AsyncIterable<Buffer> | undefined> {
  const found = await Promise.all(
    sources.map(async (source) => ({ source, file: await metadataOf(source, 'updateinfo') })),
  )
  return found.some(({ file }) => file !== undefined) ? merged(found) : undefined
}

type Found = { source: Source; file: Awaited<ReturnType<typeof metadataOf>> }

async function* merged(found: readonly Found[]): AsyncGenerator<Buffer, void, undefined> {
  const seen = new Set<string>()
  yield Buffer.from('<?xml version="1.0" encoding="UTF-8"?>\n<updates>\n')
  for (const { source, file } of found) {
    if (file === undefined) continue
    try {
      for await (const update of updatesOf(readOpened(file.file, file))) {
        const digest = createHash('sha256').update(update).digest('base64')
        if (seen.has(digest)) continue
        seen.add(digest)
        yield Buffer.concat([indent, update, newline])
      }
    } catch (cause) {
      if (!(cause instanceof MirrorError)) throw cause
      throw new MirrorError(cause.code, `Cannot read updateinfo of ${source.given}: ${cause.message}`, { cause })
    }
  }
  yield Buffer.from('</updates>\n')
}

const indent = Buffer.from('  ')
const newline = Buffer.from('\n')
const end = Buffer.from('</update>')
/** `<updates>`, the root, and `<updated>` begin likewise. */
const begin = /<update[\s>]/

/** The largest advisories, of a kernel or a whole distribution, have some 2 MB. */
const maxBytes = 64 * 1024 * 1024

/** The bytes of each `<update>` element, checked for well-formedness. */
export async function* updatesOf(document: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const block of document) {
    rest = Buffer.concat([rest, block])
    for (let stop = rest.indexOf(end); stop !== -1; stop = rest.indexOf(end)) {
      const start = rest.toString('latin1', 0, stop).search(begin)
      if (start === -1) throw new MirrorError('E_XML', 'an </update> that ends no <update>')
      const update = Buffer.from(rest.subarray(start, stop + end.length))
      check(update)
      yield update
      rest = rest.subarray(stop + end.length)
    }
    if (rest.length > maxBytes) throw new MirrorError('E_LIMIT', `an <update> of more than ${maxBytes} bytes`)
  }
  const left = rest.toString('latin1')
  if (begin.test(left) || !/<\/updates\s*>\s*$|<updates\b[^>]*\/>\s*$/.test(left))
    throw new MirrorError('E_XML', 'the document is cut off: </updates> expected at its end')
}

/** Comments and CDATA sections are rare here, and only the parser of whole documents knows them. */
function check(update: Buffer): void {
  if (update.includes('<!')) parseXml(update, 'update', new Set())
  else scanElement(update)
}
