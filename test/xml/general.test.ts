import { describe, expect, test } from 'vitest'
import { kinds } from '../../src/repodata/documents.ts'
import { read } from './documents.ts'

const [common, rpm] = Object.values(kinds.primary.namespaces)

/** What is read of one record in a document whose namespaces both have prefixes of their own. */
async function canonical(record: string | Buffer): Promise<string> {
  const head = `<c:metadata xmlns:c="${common}" xmlns:r="${rpm}" xmlns:x="http://example.com/" packages="1">`
  const { records } = await read([Buffer.concat([head, record, '</c:metadata>'].map((part) => Buffer.from(part)))])
  expect(records).toHaveLength(1)
  return records[0] as string
}

describe('a record is written in createrepo_c’s form', () => {
  test.each([
    [
      'prefixes of the document',
      '<c:package><c:name>a</c:name><r:x/></c:package>',
      '<package><name>a</name><rpm:x/></package>',
    ],
    [
      'prefixes of its own',
      `<p:package xmlns:p="${common}"><q:x xmlns:q="${rpm}"><p:y/></q:x></p:package>`,
      '<package><rpm:x><y/></rpm:x></package>',
    ],
    [
      'a default namespace of its own',
      `<package xmlns="${common}"><name/><x xmlns="${rpm}"/></package>`,
      '<package><name/><rpm:x/></package>',
    ],
    [
      'a prefix that changes its meaning',
      `<c:package><c:x xmlns:c="${rpm}"><c:y/></c:x><c:z/></c:package>`,
      '<package><rpm:x><rpm:y/></rpm:x><z/></package>',
    ],
    ['a namespace with a reference', `<p:package xmlns:p="${common?.replace('/', '&#47;')}"/>`, '<package/>'],
    ['nothing of another vocabulary', '<c:package><x:a><c:b/></x:a>t<c:d/></c:package>', '<package>t<d/></package>'],
    ['nothing without a namespace', '<c:package><a><c:b/></a></c:package>', '<package/>'],
    ['nothing of an undeclared prefix', '<c:package><z:a/><toString:b/></c:package>', '<package/>'],
    ['neither comments', '<c:package><!-- a -->b<!----></c:package>', '<package>b</package>'],
    ['nor processing instructions', '<c:package><?a b="c>"?>b<?d?></c:package>', '<package>b</package>'],
    [
      'CDATA as text',
      '<c:package><![CDATA[<&>&amp;"]]>b<![CDATA[]]></c:package>',
      '<package>&lt;&amp;&gt;&amp;amp;"b</package>',
    ],
    ['CDATA in CDATA', '<c:package><![CDATA[]]]]><![CDATA[>]]></c:package>', '<package>]]&gt;</package>'],
    [
      'CDATA that looks like a comment',
      '<c:package><![CDATA[<!-- ]]>a --&gt;</c:package>',
      '<package>&lt;!-- a --&gt;</package>',
    ],
    [
      'a comment that looks like CDATA',
      '<c:package><!-- <![CDATA[ -->a<!-- ]]> --></c:package>',
      '<package>a</package>',
    ],
    [
      'references as one writes them',
      '<c:package>&#x3c;&apos;&#233;&#13;&gt;</c:package>',
      `<package>&lt;'é&#13;&gt;</package>`,
    ],
    ['attributes in their order', `<c:package b='"' a="'" xml:base='x'/>`, `<package b="&quot;" a="'" xml:base="x"/>`],
    ['no attributes of others', '<c:package x:a="1" b="2" c:d="3"/>', '<package b="2"/>'],
    ['attributes whose line breaks are spaces', '<c:package a="b\n\tc\r\nd&#10;e"/>', '<package a="b  c d&#10;e"/>'],
    [
      'a ">" in attributes',
      '<c:package a="/>" b=\'</c:package>\'/>'.replace('</', '&lt;/'),
      '<package a="/&gt;" b="&lt;/c:package&gt;"/>',
    ],
    ['line breaks as XML reads them', '<c:package>a\r\nb\rc</c:package>', '<package>a\nb\nc</package>'],
    ['space as it is', '<c:package> \n\t<c:a> </c:a> </c:package>', '<package> \n\t<a> </a> </package>'],
    [
      'names that every object has',
      '<c:package><c:toString a="b">c</c:toString></c:package>',
      '<package><toString a="b">c</toString></package>',
    ],
  ])('with %s', async (_, record, written) => {
    expect(await canonical(record)).toBe(written)
  })
})

describe('a record is refused that has', () => {
  test.each<[string, string | Buffer, string]>([
    ['another name', '<c:packages/>', 'expected <package>'],
    ['another namespace', '<x:package/>', 'expected <package>'],
    ['no namespace', '<package/>', 'expected <package>'],
    ['crossed tags', '<c:package><c:a><c:b></c:a></c:b></c:package>', '</c:b> expected'],
    ['an end tag with another prefix', '<c:package><c:a></r:a></c:package>', '</c:a> expected'],
    ['an unknown entity', '<c:package>&foo;</c:package>', 'a reference to an unknown entity'],
    ['a bare ampersand', '<c:package>a & b</c:package>', 'a reference to an unknown entity'],
    ['a reference to no character', '<c:package a="&#0;"/>', 'a reference to an unknown entity'],
    ['a "<" in an attribute', '<c:package a="<"/>', 'an attribute that does not end'],
    ['an attribute that occurs twice', '<c:package a="" a=""/>', 'an attribute that occurs twice'],
    ['an attribute without quotes', '<c:package a=b/>', 'an attribute without quotes'],
    ['a "]]>" in text', '<c:package>]]></c:package>', 'a "]]>"'],
    ['a comment with two hyphens', '<c:package><!-- -- --></c:package>', 'a "<" that begins no tag'],
    ['a comment with three hyphens at its end', '<c:package><!-- ---></c:package>', 'a "<" that begins no tag'],
    ['an XML declaration', '<c:package><?xml version="1.0"?></c:package>', 'a "<" that begins no tag'],
    ['a processing instruction without a name', '<c:package><? x?></c:package>', 'a "<" that begins no tag'],
    ['a DOCTYPE', '<c:package><!DOCTYPE a></c:package>', 'unexpected "<!DOCTYPE"'],
    ['a declaration of an entity', '<c:package><!ENTITY a "b"></c:package>', 'unexpected "<!ENTITY "'],
    ['a control character', '<c:package>\u0001</c:package>', 'the character "\\u0001", which XML forbids'],
    ['a noncharacter in CDATA', '<c:package><![CDATA[\uffff]]></c:package>', 'which XML forbids'],
    ['a control character in a comment', '<c:package><!-- \u0008 --></c:package>', 'which XML forbids'],
    ['bytes that are not UTF-8', Buffer.from('<c:package>é</c:package>', 'latin1'), 'bytes that are not UTF-8'],
    ['elements nested too deep', `<c:package>${'<c:a>'.repeat(1e5)}`, 'elements nested deeper than 64'],
    ['a name that is dangerous to write in JavaScript', '<c:package><c:a __proto__="b"/></c:package>', 'is not read'],
  ])('%s', async (_, record, message) => {
    await expect(canonical(record)).rejects.toMatchObject({
      code: 'E_XML',
      message: expect.stringContaining(message),
    })
  })
})
