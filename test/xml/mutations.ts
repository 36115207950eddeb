import * as fc from 'fast-check'

/** What XML is made of, what it refuses, and what hides one in the other. */
const tokens = [
  ['<', '>', '/', '&', ';', '"', "'", '=', ' ', '\n', ']', '!', '?', '-', ':', 'a', '0', 'é', '\t', '\r'],
  ['</', '/>', '<a>', '</a>', '<a/>', '<1/>', '<-/>', '<a b="c"/>', '<:/>', '<a:b/>', '<é/>', '<a×/>', '< a/>'],
  [']]>', '<![CDATA[', '<![CDATA[x]]>', '<!--', '-->', '<!-- x -->', '<!-- -- -->', '<!--->', '<!---->'],
  ['<?', '?>', '<?x?>', '<?x y?>', '<?xml?>', '<?xml version="1.0"?>', '<!DOCTYPE a>', '<!ELEMENT a ANY>'],
  ['&amp;', '&lt;', '&AMP;', '&foo;', '&#0;', '&#9;', '&#x1;', '&#xD800;', '&#xFFFE;', '&#x110000;', '&#X41;'],
  ['&#65;', '&#x41;', '&#xe9;', '&;', '&#;', '&#x;', '&amp', '&#1114112;', '&#xDFFF;', '&#x10FFFF;'],
  [' b="c"', ' b="<"', ' b=">"', ' b="]]>"', " b='&quot;'", ' b="&"', ' b=c', ' b', ' type="rpm"', ' name="x"'],
  ['</package>', '<package>', '<package ', '</package >', '</metadata>', '<metadata>', 'xmlns="x"', ' xmlns:a="x"'],
  ['\u0000', '\u0001', '\u0008', '\u000b', '\u000c', '\u001f', '\u007f', '\u0085', '\u2028', '\ufeff', '\u00a0'],
  ['\ufffd', '\ufffe', '\uffff', '\u{1fffe}', '\u{10ffff}', '\ue000'],
]
  .flat()
  .map((text) => Buffer.from(text))

/** Bytes that are not UTF-8: a lone continuation, a surrogate, an overlong form, beyond Unicode, a cut character. */
const notUtf8 = ['80', 'eda080', 'c080', 'f4908080', 'c3', 'fffe'].map((hex) => Buffer.from(hex, 'hex'))

const inserted = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...tokens) }, fc.constantFrom(...notUtf8))

/** An edit at a place between 0 and 1 of the document. */
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  removed: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 12 })),
  inserted: fc.oneof({ weight: 5, arbitrary: inserted }, fc.constant(Buffer.alloc(0))),
})

/** The document with one to three edits. */
export function mutations(document: string): fc.Arbitrary<Buffer> {
  return fc.array(edit, { minLength: 1, maxLength: 3 }).map((edits) =>
    edits.reduce((bytes: Buffer, { at, removed, inserted }) => {
      const start = Math.floor(at * bytes.length)
      return Buffer.concat([bytes.subarray(0, start), inserted, bytes.subarray(start + removed)])
    }, Buffer.from(document)),
  )
}
