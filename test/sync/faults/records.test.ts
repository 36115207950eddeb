import type { BadInput } from './badInputs.ts'
import { broken, type Change, within } from './brokenDocument.ts'
import { refuses } from './refuses.ts'

const record = /<package type="rpm">.*?<\/package>\n/s

/** A primary that is not well-formed. */
function malformed(what: string, change: Change, reason: string | RegExp): BadInput {
  return broken('primary', what, change, 'E_XML', reason)
}

/** Text before the first summary's own. */
function insert(text: string): Change {
  return within('<summary>', `<summary>${text}`)
}

function lacking(what: string, from: string | RegExp, to: string, field: string): BadInput {
  return broken('primary', what, within(from, to), 'E_PRIMARY', field)
}

refuses({
  'M5: a primary whose records are no XML': [
    malformed(
      'crossed tags',
      within('</name>', '</nome>'),
      '</name> expected at byte 36 of a record, near "pm\\">\\n  <name>alpha</nome>\\n  <arch>x86_64</arch>\\n  <version e"',
    ),
    malformed(
      'a tag that is not closed',
      within('</summary>', ''),
      '</summary> expected at byte 978 of a record, near "file>\\n  </format>\\n</package>"',
    ),
    malformed(
      'a bare ampersand',
      insert('R&D '),
      'a reference to an unknown entity at byte 231 of a record, near "ecksum>\\n  <summary>R&D The alpha package</summary>\\n  <descri"',
    ),
    malformed(
      'an undeclared entity',
      insert('&nbsp;'),
      'a reference to an unknown entity at byte 230 of a record, near "hecksum>\\n  <summary>&nbsp;The alpha package</summary>\\n  <des"',
    ),
    malformed(
      'a reference to no character',
      insert('&#0;'),
      'a reference to an unknown entity at byte 230 of a record, near "hecksum>\\n  <summary>&#0;The alpha package</summary>\\n  <descr"',
    ),
    malformed(
      'a reference to a surrogate',
      insert('&#xD800;'),
      'a reference to an unknown entity at byte 230 of a record, near "hecksum>\\n  <summary>&#xD800;The alpha package</summary>\\n  <d"',
    ),
    malformed(
      'a reference beyond Unicode',
      insert('&#x110000;'),
      'a reference to an unknown entity at byte 230 of a record, near "hecksum>\\n  <summary>&#x110000;The alpha package</summary>\\n  "',
    ),
    malformed(
      'a reference without its end',
      insert('&amp '),
      'a reference to an unknown entity at byte 230 of a record, near "hecksum>\\n  <summary>&amp The alpha package</summary>\\n  <desc"',
    ),
    malformed(
      'a tag that begins with a digit',
      insert('<1a/>'),
      'a "<" that begins no tag at byte 230 of a record, near "hecksum>\\n  <summary><1a/>The alpha package</summary>\\n  <desc"',
    ),
    malformed(
      'a tag that begins with a hyphen',
      insert('<-a/>'),
      'a "<" that begins no tag at byte 230 of a record, near "hecksum>\\n  <summary><-a/>The alpha package</summary>\\n  <desc"',
    ),
    malformed(
      'an empty tag',
      insert('<>'),
      'a "<" that begins no tag at byte 230 of a record, near "hecksum>\\n  <summary><>The alpha package</summary>\\n  <descrip"',
    ),
    malformed(
      'an attribute without quotes',
      within('type="sha256"', 'type=sha256'),
      'an attribute without quotes at byte 107 of a record, near "r=\\"2.0\\" rel=\\"1\\"/>\\n  <checksum type=sha256 pkgid=\\"YES\\">a8fd68"',
    ),
    malformed(
      'an attribute without a value',
      within('epoch="0"', 'epoch'),
      'an attribute without a value at byte 66 of a record, near "rch>x86_64</arch>\\n  <version epoch ver=\\"2.0\\" rel=\\"1\\"/>\\n  <ch"',
    ),
    malformed(
      'attributes without a gap',
      within('epoch="0" ver', 'epoch="0"ver'),
      'a tag that is not closed at byte 66 of a record, near "rch>x86_64</arch>\\n  <version epoch=\\"0\\"ver=\\"2.0\\" rel=\\"1\\"/>\\n  "',
    ),
    malformed(
      'an attribute that occurs twice',
      within('epoch="0"', 'epoch="0" epoch="1"'),
      'an attribute that occurs twice at byte 66 of a record, near "rch>x86_64</arch>\\n  <version epoch=\\"0\\" epoch=\\"1\\" ver=\\"2.0\\" r"',
    ),
    malformed(
      'a < in an attribute',
      within('epoch="0"', 'epoch="<"'),
      'an attribute that does not end at byte 66 of a record, near "rch>x86_64</arch>\\n  <version epoch=\\"<\\" ver=\\"2.0\\" rel=\\"1\\"/>\\n "',
    ),
    malformed(
      'a control character',
      insert('\u0008'),
      'a control character at byte 230 of a record, near "hecksum>\\n  <summary>\\bThe alpha package</summary>\\n  <descript"',
    ),
    malformed(
      'a NUL',
      insert('\u0000'),
      'a control character at byte 230 of a record, near "hecksum>\\n  <summary>\\u0000The alpha package</summary>\\n  <descript"',
    ),
    malformed(
      'a noncharacter',
      insert('\uffff'),
      'a noncharacter at byte 230 of a record, near "hecksum>\\n  <summary>￿The alpha package</summary>\\n  <descri"',
    ),
    malformed(
      'bytes that are not UTF-8',
      (text) => Buffer.from(text.replace('<summary>', '<summary>\u00e9'), 'latin1'),
      'bytes that are not UTF-8 at byte 0 of a record, near "<package type=\\"rpm\\">\\n  <name>alpha</name"',
    ),
    malformed(
      'the end of a CDATA section',
      insert(']]>'),
      'a "]]>" at byte 230 of a record, near "hecksum>\\n  <summary>]]>The alpha package</summary>\\n  <descri"',
    ),
    malformed('a comment that does not end', insert('<!-- '), '</metadata> expected, found the end of the file'),
    malformed(
      'a CDATA section that does not end',
      insert('<![CDATA['),
      '</metadata> expected, found the end of the file',
    ),
    malformed('a DOCTYPE in a record', insert('<!DOCTYPE x>'), 'unexpected "<!DOCTYPE" between records'),
    malformed(
      'a record in a record',
      within(record, '<package type="rpm"><package type="rpm"></package>'),
      'an element that does not end at byte 50 of a record, near "ype=\\"rpm\\"></package>"',
    ),
    malformed(
      'elements nested 100 deep',
      insert(`${'<a>'.repeat(100)}${'</a>'.repeat(100)}`),
      'elements nested deeper than 64 at byte 419 of a record, near "a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><"',
    ),
    malformed(
      'an element that is no package',
      within('<package type="rpm">', '<parcel/><package type="rpm">'),
      'expected <package>, found "<parcel/>"',
    ),
    malformed(
      'a million attributes',
      within('epoch="0"', `epoch="0" ${Array.from({ length: 1e6 }, (_, i) => `a${i}=""`).join(' ')}`),
      /more than 64 attributes at byte \d+ of a record, near /,
    ),
    malformed('text between the records', within(/(<\/package>\n)/, '$1text\n'), 'text between the records: "text\\n"'),
    malformed(
      'a reference between the records',
      within(/(<\/package>\n)/, '$1&nbsp;\n'),
      'text between the records: "&nbsp;\\n"',
    ),
    malformed(
      'two XML declarations',
      within('<metadata', '<?xml version="1.0"?><metadata'),
      'an XML declaration that does not begin the document',
    ),
    malformed(
      'an end tag of another name',
      within('</metadata>', '<!-- --></metadate>'),
      '</metadata> expected, found "</metadate>": the document is cut off or broken',
    ),
    malformed(
      'a root with an attribute twice',
      within('packages=', 'packages="3" packages='),
      'an attribute that occurs twice at byte 0 of a record, near "<metadata xmlns=\\"http://linux.duke.edu/m"',
    ),
  ],
  'M6 and M7: a primary whose records lack something': [
    lacking('no name', /<name>.*<\/name>/, '', 'the record of a package without a name has no name'),
    lacking('an empty name', /<name>.*<\/name>/, '<name/>', 'the record of a package without a name has no name'),
    lacking('no arch', /<arch>.*<\/arch>/, '', 'the record of alpha has no arch'),
    lacking('no version', /<version .*\n/, '', 'the record of alpha has no version'),
    lacking('an empty version', /ver="[^"]*"/, 'ver=""', 'the record of alpha has no version'),
    lacking('no release', / rel="[^"]*"/, '', 'the record of alpha has no release'),
    lacking('no checksum', /<checksum.*\n/, '', 'the record of alpha has no checksum'),
    lacking('no size', /<size.*\n/, '', 'the record of alpha has no size'),
    lacking('a negative size', /<size package="/, '<size package="-', 'the record of alpha has no usable size: "-700"'),
    lacking(
      'a size with an exponent',
      /<size package="\d+/,
      '<size package="1e9',
      'the record of alpha has no usable size: "1e9"',
    ),
    lacking(
      'a size of 2^63',
      /<size package="\d+/,
      '<size package="9223372036854775808',
      'the record of alpha has no usable size: "HEX"',
    ),
    lacking(
      'a size that is NaN',
      /<size package="\d+/,
      '<size package="NaN',
      'the record of alpha has no usable size: "NaN"',
    ),
    lacking('no bytes at all', /<size package="\d+/, '<size package="0', 'the record of alpha has no usable size: "0"'),
    lacking('no location', /<location.*\n/, '', 'the record of alpha has no href'),
    lacking('a location without an href', /<location href="[^"]*"/, '<location', 'the record of alpha has no href'),
    broken(
      'primary',
      'an unknown kind of checksum',
      within('type="sha256"', 'type="crc"'),
      'E_HASH',
      'unknown checksum type "crc"',
    ),
    broken('primary', 'a checksum without a kind', within('type="sha256"', ''), 'E_HASH', 'unknown checksum type ""'),
    broken(
      'primary',
      'an empty checksum',
      within(/(<checksum[^>]*>)\w+/, '$1'),
      'E_HASH',
      'malformed sha256 checksum ""',
    ),
    broken(
      'primary',
      'a checksum that is too short',
      within(/(<checksum[^>]*>)\w/, '$1'),
      'E_HASH',
      'malformed sha256 checksum "HEX"',
    ),
    broken(
      'primary',
      'a checksum that is not hex',
      within(/(<checksum[^>]*>)\w+/, `$1${'z'.repeat(64)}`),
      'E_HASH',
      `malformed sha256 checksum "${'z'.repeat(64)}"`,
    ),
  ],
})
