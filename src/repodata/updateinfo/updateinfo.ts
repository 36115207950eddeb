import { MirrorError } from '../../errors.ts'
import { parseXml } from '../../xml/parse.ts'
import { scanElement } from '../../xml/scan.ts'
import { keepPackages, type UpdatePackage } from './packages.ts'

const indent = Buffer.from('  ')
const newline = Buffer.from('\n')

/** An updateinfo.xml of `<update>` elements, each with its bytes. */
export async function* updateinfoDocument(updates: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  yield Buffer.from('<?xml version="1.0" encoding="UTF-8"?>\n<updates>\n')
  for await (const update of updates) yield Buffer.concat([indent, update, newline])
  yield Buffer.from('</updates>\n')
}

const end = Buffer.from('</update>')
/** `<updates>`, the root, and `<updated>` begin likewise. */
const begin = /<update[\s>]/

/** The largest advisories, of a kernel or a whole distribution, have some 2 MB. */
const maxBytes = 64 * 1024 * 1024

/** The bytes of each `<update>` element, checked for well-formedness. */
export async function* updatesOf(document: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  for await (const update of cutUpdates(document)) {
    check(update)
    yield update
  }
}

/** The bytes of each `<update>` element, for whoever reads few of them: what is in them is not looked at. */
export async function* cutUpdates(document: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const block of document) {
    rest = Buffer.concat([rest, block])
    for (let stop = rest.indexOf(end); stop !== -1; stop = rest.indexOf(end)) {
      const start = rest.toString('latin1', 0, stop).search(begin)
      if (start === -1) throw new MirrorError('E_XML', 'an </update> that ends no <update>')
      const update = Buffer.from(rest.subarray(start, stop + end.length))
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

/**
 * An updateinfo.xml of the updates that name packages which stay, without the other packages, bytes else as they were.
 * Returns whether anything is gone.
 */
export async function* trimUpdateinfo(
  document: AsyncIterable<Buffer>,
  stays: (pkg: UpdatePackage) => boolean,
): AsyncGenerator<Buffer, boolean, undefined> {
  let changed = false
  async function* kept(): AsyncGenerator<Buffer, void, undefined> {
    for await (const update of updatesOf(document)) {
      const trimmed = keepPackages(update, stays)
      changed ||= trimmed !== update
      if (trimmed !== undefined) yield trimmed
    }
  }
  yield* updateinfoDocument(kept())
  return changed
}
