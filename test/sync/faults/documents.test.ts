import type { BadInput } from './badInputs.ts'
import { broken, type Change, within } from './brokenDocument.ts'
import { refuses } from './refuses.ts'

const roots: Record<string, string> = { primary: 'metadata', filelists: 'filelists', other: 'otherdata' }

/** ROOT and NAMESPACE in a reason stand for the document's own. */
function reasonIn(type: string, reason: string | RegExp): string | RegExp {
  const own = (text: string) =>
    text.replaceAll('ROOT', roots[type] as string).replace('NAMESPACE', type === 'primary' ? 'common' : type)
  return typeof reason === 'string' ? own(reason) : new RegExp(own(reason.source))
}

/** Each change in place of each document. */
function inEach(types: string[], cases: [what: string, change: Change, reason: string | RegExp][]): BadInput[] {
  return types.flatMap((type) =>
    cases.map(([what, change, reason]) => broken(type, what, change, 'E_XML', reasonIn(type, reason))),
  )
}

const lists = ['filelists', 'other']
const listed = /<package pkgid=.*?<\/package>\n/s

function mismatch(type: string, what: string, change: Change, reason: string): BadInput {
  return broken(type, what, change, 'E_MISMATCH', reason)
}

refuses({
  'M4 and M5: a document that is cut or of another kind': inEach(
    ['primary', 'filelists', 'other'],
    [
      [
        'cut within a record',
        (text) => text.slice(0, text.indexOf('</package>') + 60),
        /<\/ROOT> expected, found "<package .*: the document is cut off or broken/,
      ],
      [
        'cut between records',
        (text) => text.slice(0, text.lastIndexOf('</package>') + 10),
        '</ROOT> expected, found the end of the file: the document is cut off or broken',
      ],
      [
        'cut within its end',
        (text) => text.trimEnd().slice(0, -3),
        /<\/ROOT> expected, found "<\/\w+": the document is cut off or broken/,
      ],
      ['empty', () => '', 'no <ROOT> element: the document is empty or cut off'],
      ['HTML', () => '<!DOCTYPE html><html><body>Moved</body></html>', 'a DOCTYPE is refused in repository metadata'],
      [
        'another root',
        (text) => text.replaceAll(/(<\/?)(metadata|filelists|otherdata)\b/g, '$1metalink'),
        'expected <ROOT>, found <metalink>',
      ],
      [
        'another namespace',
        within(/xmlns="[^"]*"/, 'xmlns="http://example.com/"'),
        '<ROOT> is not of the namespace http://linux.duke.edu/metadata/NAMESPACE',
      ],
      [
        'latin-1',
        (text) => Buffer.from(text.replace('UTF-8', 'ISO-8859-1'), 'latin1'),
        'encoding ISO-8859-1 is not supported; UTF-8 expected',
      ],
      ['UTF-16', (text) => Buffer.from(`\ufeff${text}`, 'utf16le'), 'UTF-16 is not supported; UTF-8 expected'],
      [
        'a DOCTYPE with an entity',
        within(/<(metadata|filelists|otherdata)/, '<!DOCTYPE m [<!ENTITY a "aa">]><$1'),
        'a DOCTYPE is refused in repository metadata',
      ],
      [
        'something behind the end',
        (text) => `${text}<more/>`,
        '</ROOT> expected, found "</ROOT><more/>": the document is cut off or broken',
      ],
    ],
  ),
  'M8: documents that do not describe the same packages': [
    ...['primary', ...lists].flatMap((type) => [
      mismatch(
        type,
        'packages= one too high',
        within('packages="3"', 'packages="4"'),
        'packages="4" expected, found 3 records',
      ),
      mismatch(
        type,
        'packages= one too low',
        within('packages="3"', 'packages="2"'),
        'packages="2" expected, found 3 records',
      ),
    ]),
    ...lists.flatMap((type) => [
      mismatch(
        type,
        'a package is missing',
        (text) => text.replace(listed, '').replace('"3"', '"2"'),
        'no record of alpha-2.0-1.x86_64, which primary lists',
      ),
      mismatch(
        type,
        'no package at all',
        (text) => text.replaceAll(new RegExp(listed, 'gs'), '').replace('"3"', '"0"'),
        'no record of alpha-2.0-1.x86_64, which primary lists',
      ),
      mismatch(
        type,
        'a record without a pkgid',
        within(/ pkgid="\w+"/, ''),
        'a record of filelists or other has no pkgid',
      ),
      mismatch(
        type,
        'another pkgid',
        within(/ pkgid="\w{4}/, ' pkgid="0000'),
        'no record of alpha-2.0-1.x86_64, which primary lists',
      ),
      mismatch(
        type,
        'one package twice in place of another',
        within(/(<package pkgid=.*?<\/package>\n)<package pkgid=.*?<\/package>\n/s, '$1$1'),
        'no record of beta-2.0-1.x86_64, which primary lists',
      ),
    ]),
  ],
})
