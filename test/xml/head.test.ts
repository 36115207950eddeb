import { describe, expect, test } from 'vitest'
import { type DocumentName, header, kinds } from '../../src/repodata/documents.ts'
import { type DocumentHead, parseHead } from '../../src/xml/head.ts'

const common = 'http://linux.duke.edu/metadata/common'
const rpm = 'http://linux.duke.edu/metadata/rpm'
const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'
const root = `<metadata xmlns="${common}" xmlns:rpm="${rpm}" packages="7">`

function head(text: string | Buffer): DocumentHead | undefined {
  return parseHead(Buffer.from(text), kinds.primary)
}

describe('the head of a document in createrepo_c’s form', () => {
  test.each(['primary', 'filelists', 'other'] as const)('is read as it is written for %s', (name: DocumentName) => {
    const written = header(name, 7)
    expect(parseHead(Buffer.from(`${written}<package>`), kinds[name])).toEqual({
      plain: true,
      name: kinds[name].root,
      prefixes: kinds[name].namespaces,
      packages: 7,
      end: written.trimEnd().length,
    })
  })

  test.each([
    ['without a declaration', root],
    ['with a byte order mark', `\ufeff${declaration}${root}`],
    ['with other quotes', (declaration + root).replaceAll('"', "'")],
    ['with a declaration without an encoding', `<?xml version="1.0"?>${root}`],
    ['with an encoding in small letters', `<?xml version="1.0" encoding="utf-8"?>${root}`],
    ['that stands alone', `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>${root}`],
    ['with space around its parts', `${declaration}\r\n\t ${root.replaceAll(' ', '\n  ').replaceAll('=', ' = ')}`],
    ['without a namespace that is not used', `<metadata xmlns="${common}" packages="7">`],
  ])('%s is one, too', (_, text) => {
    expect(head(text)).toMatchObject({ plain: true, packages: 7, end: Buffer.byteLength(text) })
  })

  test.each([
    ['no number of packages', root.replace(' packages="7"', '')],
    ['a number of packages that is none', root.replace('"7"', '"many"')],
    ['a number of packages below zero', root.replace('"7"', '"-7"')],
    ['a number of packages beyond all reason', root.replace('"7"', '"99999999999"')],
  ])('may have %s', (_, text) => {
    expect(head(text)).toMatchObject({ plain: true, packages: undefined })
  })
})

describe('the head of a document in another form', () => {
  test.each([
    ['a prefix', `<c:metadata xmlns:c="${common}" packages="7">`, 'c:metadata', { c: common }],
    ['another prefix for rpm', root.replaceAll('rpm=', 'r='), 'metadata', { '': common, r: rpm }],
    ['a namespace more', root.replace('xmlns:rpm', 'xmlns:x="u" xmlns:rpm'), 'metadata', { '': common, x: 'u', rpm }],
    ['a comment', `${declaration}<!-- <metadata> -->${root}`, 'metadata', { '': common, rpm }],
    ['a stylesheet', `${declaration}<?xml-stylesheet href="x"?>${root}`, 'metadata', { '': common, rpm }],
    ['a declaration of its own kind', `<?xml version="1.1"?>${root}`, 'metadata', { '': common, rpm }],
    ['a namespace with a reference', root.replace('/common', '&#x2f;common'), 'metadata', { '': common, rpm }],
  ])('is read with %s', (_, text, name, prefixes) => {
    expect(head(text)).toMatchObject({ name, prefixes, packages: 7, end: text.length })
    expect(head(text)?.plain).toBe(text.includes('&#x2f;'))
  })

  test('may end at once', () => {
    expect(head(root.replace('>', '/>'))).toMatchObject({ plain: false })
  })
})

test('a head that is not complete asks for more, wherever it is cut', () => {
  const text = Buffer.from(`\ufeff${declaration}<!-- c -->\n${root}`)
  for (let at = 0; at < text.length; at++) expect(head(text.subarray(0, at)), `cut at ${at}`).toBeUndefined()
})

describe('a head is refused that', () => {
  test.each<[string, string | Buffer, string]>([
    ['is of another document', header('other', 1), 'expected <metadata>, found <otherdata>'],
    ['is of a web page', '<html><body>', 'expected <metadata>, found <html>'],
    ['is of a web page of today', '<!DOCTYPE html><html>', 'a DOCTYPE is refused in repository metadata'],
    ['has a DOCTYPE', `${declaration}<!DOCTYPE metadata SYSTEM "x">${root}`, 'a DOCTYPE is refused'],
    ['has a DOCTYPE in small letters', `<!doctype html>${root}`, 'a DOCTYPE is refused'],
    ['declares entities', `<!DOCTYPE m [<!ENTITY a "aa">]>${root}`, 'a DOCTYPE is refused'],
    ['is text', 'Not found', 'expected <metadata>, found "Not found"'],
    ['has text before it', `text${root}`, 'expected <metadata>, found "text<metadata'],
    ['has no namespace', '<metadata packages="1">', `<metadata> is not of the namespace ${common}`],
    ['has another namespace', root.replace('common', 'other'), `<metadata> is not of the namespace ${common}`],
    ['has a prefix without a namespace', root.replace('<m', '<c:m'), `<metadata> is not of the namespace ${common}`],
    ['is latin-1', `<?xml version="1.0" encoding="ISO-8859-1"?>${root}`, 'encoding ISO-8859-1 is not supported'],
    ['says UTF-16', `<?xml version="1.0" encoding='UTF-16'?>${root}`, 'encoding UTF-16 is not supported'],
    ['is UTF-16', Buffer.from(`\ufeff${root}`, 'utf16le'), 'UTF-16 is not supported'],
    ['is UTF-16 the other way round', Buffer.from(`\ufeff${root}`, 'utf16le').swap16(), 'UTF-16 is not supported'],
    ['has its declaration too late', `\n${declaration}${root}`, 'an XML declaration that does not begin the document'],
    ['has an attribute twice', root.replace('packages', 'packages="6" packages'), 'an attribute that occurs twice'],
    ['has an unknown entity', root.replace('"7"', '"&seven;"'), 'a reference to an unknown entity'],
    ['has a control character', root.replace('"7"', '"\u0001"'), 'a control character'],
    ['is not UTF-8', Buffer.from(root.replace('"7"', '"é"'), 'latin1'), 'bytes that are not UTF-8'],
  ])('%s', (_, text, message) => {
    expect(() => head(text)).toThrow(
      expect.objectContaining({ code: 'E_XML', message: expect.stringContaining(message) }),
    )
  })
})
