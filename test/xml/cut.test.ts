import { describe, expect, test } from 'vitest'
import { kinds } from '../../src/repodata/documents.ts'
import { openRecords } from '../../src/xml/cut.ts'
import { packageRecord, read, shortRecord, written } from './documents.ts'

const records = ['bash', 'zsh'].map(packageRecord)
const document = written(records)

/** Ways to write the same records that the search for `</package>` cannot read, each with what it does to the document. */
const otherWays: [what: string, change: (document: string) => string][] = [
  ['with a comment before the records', (text) => text.replace('<package ', '<!-- <package> --><package ')],
  ['with a comment between the records', (text) => text.replace('</package>\n', '</package>\n<!-- </package> -->\n')],
  ['with a comment in a record', (text) => text.replace('<name>', '<!-- </package> --><name>')],
  ['with a comment behind the records', (text) => text.replace('</metadata>', '<!-- <package> --></metadata>')],
  ['with CDATA', (text) => text.replaceAll(/<summary>(.*)<\/summary>/g, (_, summary) => cdata(summary))],
  ['with a processing instruction', (text) => text.replace('<arch>', '<?x </package>?><arch>')],
  ['with a space in an end tag', (text) => text.replaceAll('</package>', '</package >')],
  ['with a line break in an end tag', (text) => text.replace('</package>', '</package\n>')],
  ['with prefixes', (text) => prefixed(text)],
  ['with prefixes in one record', (text) => text.replace(records[1] as string, prefixed(records[1] as string))],
  ['with a prefix for other things', (text) => text.replace('<metadata', '<metadata xmlns:x="u"')],
  ['with a comment before the root', (text) => text.replace('<metadata', '<!-- <metadata> -->\n<metadata')],
  ['with a stylesheet', (text) => text.replace('<metadata', '<?xml-stylesheet href="a"?>\n<metadata')],
]

function cdata(summary: string): string {
  return `<summary><![CDATA[${summary.replaceAll('&lt;', '<').replaceAll('&gt;', '>')}]]></summary>`
}

/** The main namespace behind a prefix; a record alone declares it itself. */
function prefixed(text: string): string {
  const tags = text.replaceAll(/(<\/?)(?=[a-z]+[\s/>])/g, '$1c:')
  if (tags.includes('xmlns=')) return tags.replace('xmlns=', 'xmlns:c=')
  return tags.replace('<c:package', `<c:package xmlns:c="${kinds.primary.namespaces['']}"`)
}

describe('the records of a document in createrepo_c’s form', () => {
  test('are its own bytes', async () => {
    expect(await read([document])).toEqual({ records, packages: 2, isPlain: true })
  })

  test.each([
    ['on one line', document.replaceAll('</package>\n', '</package>').replace('>\n<package', '><package')],
    ['with space around them', written(records).replaceAll('>\n<package', '>\r\n\t <package')],
    ['without a declaration', document.slice(document.indexOf('<metadata'))],
    ['behind a byte order mark', `\ufeff${document}`],
    ['with space at the end', `${document}\n\r\n\t `],
    ['with other quotes', document.replaceAll(/ (xmlns:?\w*|packages)="([^"]*)"/g, " $1='$2'")],
  ])('are found %s', async (_, text) => {
    expect(await read([text])).toEqual({ records, packages: 2, isPlain: true })
  })

  test('may be none', async () => {
    expect(await read([written([])])).toEqual({ records: [], packages: 0, isPlain: true })
  })

  test.each(['filelists', 'other'] as const)('are found in %s, too', async (name) => {
    const record = '<package pkgid="0" name="a"><version/></package>'
    expect(await read([written([record], name)], name)).toEqual({ records: [record], packages: 1, isPlain: true })
  })
})

describe('wherever a document is cut into two pieces, its records are the same', () => {
  const document = written(['a', 'b'].map(shortRecord))

  test.each<[string, (document: string) => string]>([['in createrepo_c’s form', (text) => text], ...otherWays])(
    '%s',
    async (_, change) => {
      const bytes = Buffer.from(change(document))
      const whole = await read([bytes])
      expect(whole.records).toHaveLength(2)
      for (let at = 0; at <= bytes.length; at++)
        expect(await read([bytes.subarray(0, at), bytes.subarray(at)]), `cut at ${at}`).toEqual(whole)
    },
  )

  test('and in pieces of one byte, too', async () => {
    for (const [, change] of otherWays) {
      const bytes = Buffer.from(change(document))
      const pieces = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))
      expect(await read(pieces)).toEqual(await read([bytes]))
    }
  })
})

describe('a document in another form', () => {
  test.each(otherWays)('%s has the same records and is not to be published as it is', async (_, change) => {
    expect(change(document)).not.toBe(document)
    const { records: found, packages, isPlain } = await read([change(document)])
    expect(found.map(asWritten)).toEqual(records.map(asWritten))
    expect({ packages, isPlain }).toEqual({ packages: 2, isPlain: false })
  })

  test('before and behind which records are as they were is told from one in createrepo_c’s form', async () => {
    for (const text of [
      `${document}<!-- made by hand -->`,
      `${document}<?x?>`,
      document.replace('</metadata>', '</metadata >'),
    ])
      expect(await read([text])).toEqual({ records, packages: 2, isPlain: false })
  })
})

/** A record with its quotes and its end tags as the general way writes them. */
function asWritten(record: string): string {
  return record
    .replaceAll("'", '"')
    .replaceAll(/ ?\/>/g, '/>')
    .replaceAll('/usr/share/>', '/usr/share/&gt;')
    .replaceAll('"Again"', '"Again"')
}

describe('a document is refused that', () => {
  const [first = ''] = records
  const end = '</metadata>'

  test.each<[string, string | Buffer, string]>([
    ['is empty', '', 'no <metadata> element: the document is empty or cut off'],
    [
      'is only a head',
      document.slice(0, document.indexOf('<package')),
      '</metadata> expected, found the end of the file',
    ],
    ['is cut between records', document.slice(0, document.indexOf('</package>') + 11), 'found the end of the file'],
    ['is cut within a record', document.slice(0, document.indexOf('<arch>')), '</metadata> expected, found "<package '],
    ['is cut within the end', document.slice(0, -4), '</metadata> expected, found "</metad"'],
    ['ends as another', document.replace(end, '</filelists>'), '</metadata> expected, found "</filelists>"'],
    ['ends with another prefix', document.replace(end, '</c:metadata>'), 'found "</c:metadata>"'],
    ['goes on', `${document}<more/>`, '</metadata> expected, found "</metadata><more/>"'],
    ['goes on with text', `${document}more`, 'found "</metadata>more"'],
    ['goes on with another document', document + document, '</metadata> expected, found "</metadata><?xml'],
    ['goes on with what is no space to XML', `${document}\u00a0`, 'found "</metadata>\u00a0"'],
    ['goes on with a null character', `${document}\u0000`, 'found "</metadata>\\u0000"'],
    ['goes on with a comment that does not end', `${document}<!--x`, 'found "</metadata><!--x"'],
    ['has text before a record', document.replace('<package', 'text<package'), 'text between the records: "text"'],
    ['has text behind a record', document.replace('</package>', '</package>&amp;'), 'text between the records: "&amp;'],
    ['has another element', document.replace(first, '<packages/>'), 'expected <package>, found "<packages/>"'],
    ['has a DOCTYPE between records', document.replace('<package', '<!DOCTYPE a><package'), 'unexpected "<!DOCTYPE"'],
    [
      'has a comment that does not end',
      document.replace('<name>', '<!-- <name>'),
      '</metadata> expected, found the end of',
    ],
    [
      'has CDATA that does not end',
      document.replace('<name>', '<name><![CDATA['),
      '</metadata> expected, found the end of',
    ],
  ])('%s', async (_, text, message) => {
    await expect(read([text])).rejects.toMatchObject({ code: 'E_XML', message: expect.stringContaining(message) })
    const bytes = Buffer.from(text)
    const pieces = [bytes.subarray(0, bytes.length >> 1), bytes.subarray(bytes.length >> 1)]
    await expect(read(pieces)).rejects.toMatchObject({ code: 'E_XML', message: expect.stringContaining(message) })
  })
})

describe('a document does not take more than its limits', () => {
  const megabyte = 'x'.repeat(2 ** 20)

  /** Pieces without end: a beginning, and then the same again and again. */
  function* endless(first: string, piece: string): Generator<string, void, undefined> {
    yield first
    for (;;) yield piece
  }

  test.each<[string, string, string, string]>([
    ['a head', '<metadata xmlns="', megabyte, 'the head of the document is larger than 65536 bytes'],
    ['a comment before the head', '<!-- ', megabyte, 'the head of the document is larger than 65536 bytes'],
    ['space before the head', ' ', ' '.repeat(2 ** 16), 'the head of the document is larger than 65536 bytes'],
    ['a record', written([]).replace('</metadata>', '<package '), megabyte, 'a record is larger than'],
    [
      'a record of exclamation marks',
      written([]).replace('</metadata>', '<package '),
      '!'.repeat(2 ** 20),
      'a record is',
    ],
    ['a comment', written([]).replace('</metadata>', '<!-- '), megabyte, 'a record is larger than'],
    ['CDATA', written([]).replace('</metadata>', '<package><![CDATA['), megabyte, 'a record is larger than'],
    ['space between records', written([]).replace('</metadata>', ''), ' '.repeat(2 ** 20), 'a record is larger than'],
    ['a tail', written([]), ' '.repeat(2 ** 20), 'is larger than|more than \\d+ bytes behind'],
  ])('for %s that does not end', async (_, first, piece, message) => {
    await expect(read(endless(first, piece))).rejects.toMatchObject({
      code: 'E_LIMIT',
      message: expect.stringMatching(message),
    })
  })

  test('nor more time than its length is worth, in however small pieces it comes', async () => {
    const record = `<package>${'!'.repeat(8 * 2 ** 20)}</package>`
    const bytes = Buffer.from(written([record]))
    const pieces = Array.from({ length: Math.ceil(bytes.length / 4096) }, (_, i) =>
      bytes.subarray(i * 4096, (i + 1) * 4096),
    )
    const began = performance.now()
    expect((await read(pieces)).records).toEqual([record])
    expect(performance.now() - began).toBeLessThan(10_000)
  })
})

describe('a document is closed', () => {
  /** Pieces of a document, and whether whoever reads them is done with it. */
  function watched(text: string): { pieces: AsyncGenerator<Buffer, void, undefined>; isClosed: () => boolean } {
    let closed = false
    async function* pieces(): AsyncGenerator<Buffer, void, undefined> {
      try {
        for (;;) yield Buffer.from(text)
      } finally {
        closed = true
      }
    }
    return { pieces: pieces(), isClosed: () => closed }
  }

  test('when somebody stops reading its records', async () => {
    const { pieces, isClosed } = watched(document.replace('</metadata>', ''))
    const { batches } = await openRecords(pieces, kinds.primary)
    expect((await batches.next()).value).toHaveLength(2)
    expect(isClosed()).toBe(false)
    await batches.return(false)
    expect(isClosed()).toBe(true)
  })

  test.each([
    ['its head', '<html>'],
    ['a record', document.replace('</package>', '</package>text')],
    ['its end', `${document}more`],
  ])('when %s is refused', async (_, text) => {
    const { pieces, isClosed } = watched(text)
    const readAll = async () => {
      const { batches } = await openRecords(pieces, kinds.primary)
      while ((await batches.next()).done !== true);
    }
    await expect(readAll()).rejects.toMatchObject({ name: 'MirrorError' })
    expect(isClosed()).toBe(true)
  })
})
