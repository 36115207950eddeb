import { execFileSync } from 'node:child_process'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { escapeAttribute, escapeText, readReference, unescapeXml } from '../../src/xml/escape.ts'
import { scanElement } from '../../src/xml/scan.ts'
import { judge } from '../helpers/judges.ts'

/** Any text that XML can hold, with much of what must be escaped. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom('&', '<', '>', '"', "'", '\n', '\t', '\r', '\r\n', ']]>', '&amp;', '&#10;', ' ', '  ', 'é', '🎉'),
      fc.string({ unit: 'binary' }).map((any) => any.replaceAll(/[\0-\u001f\ufffe\uffff]/g, '')),
    ),
  )
  .map((parts) => parts.join(''))

describe('a text that was escaped', () => {
  test('is the same when it is read again', () => {
    fc.assert(
      fc.property(text, (text) => {
        expect(unescapeXml(escapeText(text))).toBe(text)
        expect(unescapeXml(escapeAttribute(text))).toBe(text)
        scanElement(Buffer.from(`<a b="${escapeAttribute(text)}">${escapeText(text)}</a>`))
      }),
    )
  })

  test.skipIf(!judge('python3'))('is the same to another reader of XML', () => {
    const texts = fc.sample(text, 2000)
    const elements = texts.map((text) => `<a b="${escapeAttribute(text)}">${escapeText(text)}</a>`)
    const script = `
import json, sys, xml.etree.ElementTree as tree
elements = tree.fromstring(json.load(sys.stdin).encode())
print(json.dumps([[e.get("b"), e.text or ""] for e in elements]))`
    const document = JSON.stringify(`<r>${elements.join('')}</r>`)
    const answer = execFileSync('python3', ['-c', script], { input: document, encoding: 'utf8', maxBuffer: 2 ** 28 })
    expect(JSON.parse(answer)).toEqual(texts.map((text) => [text, text]))
  })

  test.skipIf(!judge('xmllint'))('is what libxml2 writes, and with it createrepo_c', () => {
    const element = `<a b="${escapeAttribute('<>&"\t\n\r')}">${escapeText('<>&"\t\n\r\'é]]>')}</a>`
    const written = execFileSync('xmllint', ['--encode', 'UTF-8', '-'], { input: element, encoding: 'utf8' })
    expect(written.split('?>\n')[1]).toBe(`${element}\n`)
  })
})

describe('a text is read', () => {
  test.each([
    ['plain', 'plain'],
    ['', ''],
    ['&amp;amp;', '&amp;'],
    ['&lt;&gt;&quot;&apos;', '<>"\''],
    ['&#65;&#x41;&#x1F389;&#xe9;&#00065;', 'AA🎉éA'],
    ['&#9;&#10;&#13;', '\t\n\r'],
    ['a;b', 'a;b'],
  ])('%j as %j', (text, plain) => {
    expect(unescapeXml(text)).toBe(plain)
  })

  test.each([
    '&',
    'a & b',
    '&amp',
    '&nbsp;',
    '&AMP;',
    '&;',
    '&#;',
    '&#x;',
    '&#0;',
    '&#xD800;',
    '&#xFFFF;',
    '&#x110000;',
  ])('never where it has %j in it', (text) => {
    expect(() => unescapeXml(text)).toThrow(
      expect.objectContaining({
        code: 'E_XML',
        message: expect.stringMatching('^a reference to an unknown entity: &'),
      }),
    )
  })

  test('with the faulty reference cut to what a person reads', () => {
    expect(() => unescapeXml(`&${'x'.repeat(1e6)}`)).toThrow(`a reference to an unknown entity: &${'x'.repeat(39)}`)
  })
})

test.each<[string, ReturnType<typeof readReference>]>([
  ['&lt;b', { length: 4, text: '<' }],
  ['&#x20ac;', { length: 8, text: '€' }],
  ['lt;', undefined],
  ['x&lt;', undefined],
  ['&lt', undefined],
  ['&#55296;', undefined],
])('the reference at the beginning of %j', (text, found) => {
  expect(readReference(text)).toEqual(found)
})
