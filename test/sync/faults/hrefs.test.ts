import { existsSync, rmSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { BadInput } from './badInputs.ts'
import { refuses } from './refuses.ts'
import { editDocument } from './upstreamEdits.ts'

const beta = 'Packages/b/beta-2.0-1.x86_64.rpm'

/** A package whose location has these attributes, as XML has them; the reason that it is refused for. */
function location(attributes: string, reason: string, code = 'E_PATH'): BadInput {
  return {
    what: attributes.length > 100 ? `${attributes.slice(0, 40)}... of ${attributes.length} characters` : attributes,
    spoil: ({ dir }) => editDocument(dir, 'primary', (text) => text.replace(`href="${beta}"`, attributes)),
    line: `${code} REPO: Cannot sync from URL: ${reason}`,
  }
}

function refused(href: string, seen: string, reason: string): BadInput {
  return location(`href="${href}"`, `package beta-2.0-1.x86_64: location ${JSON.stringify(seen)} is refused: ${reason}`)
}

function every(hrefs: string[], reason: string): BadInput[] {
  return hrefs.map((href) => refused(href, href, reason))
}

function elsewhere(href: string, origin: string, seen = href): BadInput {
  return refused(href, seen, `it leads to ${origin}, which is not the upstream`)
}

function based(base: string, origin: string): BadInput {
  const reason = `location "x.rpm" is refused: it leads to ${origin}, which is not the upstream`
  return location(`xml:base="${base}" href="x.rpm"`, `package beta-2.0-1.x86_64: ${reason}`)
}

const outside = '/tmp/mirror-test-outside.rpm'

describe('with layout: packages', () => {
  refuses({
    'M1: an href that names no file': every(
      ['.', '..', '/', './', '../', 'Packages/', 'Packages/..', 'x.rpm/.', 'x.rpm/', '%2e%2e', '%2E'],
      'it names no file',
    ),
    'M1: an href with a name that must not be on disk': [
      ...every(['.hidden.rpm', 'Packages/a/.mirror'], 'its name begins with a dot'),
      ...every(['repodata/repomd.xml', 'passwd', 'x.rpm.asc'], 'its name does not end in .rpm'),
      ...every(
        ['x%00.rpm', 'x.rpm%00', 'x%0d%0aX-Y: z.rpm', 'x?.rpm', 'x.rpm?y=z.rpm', 'x#.rpm', 'x%3f.rpm'],
        'its name holds a control character, ? or #',
      ),
      refused('x&#13;&#10;y.rpm', 'x\r\ny.rpm', 'its name holds a control character, ? or #'),
      ...every(
        ['a%2fb.rpm', '..%2f..%2fcanary%2fx.rpm', '..\\..\\canary\\x.rpm', 'a%5cb.rpm', '\\\\example.com\\x.rpm'],
        'its name holds a slash',
      ),
      ...every(['x%zz.rpm', 'x%ff.rpm'], 'its percent encoding is broken'),
      refused(`${'x'.repeat(252)}.rpm`, 'x'.repeat(200), 'its name is longer than 255 bytes'),
      refused(`${'x/'.repeat(2500)}x.rpm`, 'x/'.repeat(100), 'longer than 4096 characters'),
      location('href=""', 'Cannot read primary: the record of beta has no href', 'E_PRIMARY'),
    ],
    'M1: an href that leads to another place than the upstream': [
      elsewhere('http://example.com/x.rpm', 'http://example.com'),
      elsewhere('//example.com/x.rpm', 'http://example.com'),
      elsewhere('/\\example.com/x.rpm', 'http://example.com'),
      elsewhere('&#10;//example.com/x.rpm', 'http://example.com', '\n//example.com/x.rpm'),
      elsewhere('http://127.0.0.1:1/x.rpm', 'http://127.0.0.1:1'),
      elsewhere('https://127.0.0.1/x.rpm', 'https://127.0.0.1'),
      elsewhere('http://169.254.169.254/x.rpm', 'http://169.254.169.254'),
      elsewhere('file:///etc/x.rpm', 'file://'),
      elsewhere('ftp://127.0.0.1/x.rpm', 'ftp://127.0.0.1'),
      elsewhere('data:,x.rpm', 'data://'),
      elsewhere('javascript:x.rpm', 'javascript://'),
      refused('http://[::1/x.rpm', 'http://[::1/x.rpm', 'it is no URL'),
    ],
    'M3: an xml:base that leads to another place': [
      based('http://example.com/', 'http://example.com'),
      based('//example.com', 'http://example.com'),
      based('file:///', 'file://'),
      based('ftp://127.0.0.1/', 'ftp://127.0.0.1'),
      based('http://127.0.0.1:1', 'http://127.0.0.1:1'),
    ],
  })
})

describe('with layout: upstream', () => {
  refuses(
    {
      'M1: an href that leads out of the repository': [
        ...every(
          [
            '../x.rpm',
            '../repo1/Packages/x.rpm',
            '/x.rpm',
            outside,
            'a/../../x.rpm',
            'a/../x.rpm',
            '%2e%2e/x.rpm',
            '.%2e/x.rpm',
            'a/%2E%2E/x.rpm',
            '../../canary/precious.rpm',
            '.hidden/x.rpm',
            'a//x.rpm',
            'x.rpm/y.rpm',
            'a/./x.rpm',
            'a%2f..%2f../x.rpm',
            '%00/x.rpm',
            'a\\/x.rpm',
          ],
          'it leads out of the repository',
        ),
      ],
      'M2: an href into what is not for packages': [
        refused('repodata/x.rpm', 'repodata/x.rpm', 'repodata/ is for metadata'),
        refused('./repodata/x.rpm', './repodata/x.rpm', 'repodata/ is for metadata'),
        refused('repo%64ata/x.rpm', 'repo%64ata/x.rpm', 'repodata/ is for metadata'),
      ],
    },
    { layout: 'upstream' },
  )

  test('nothing was written to an absolute path', () => {
    const written = existsSync(outside)
    rmSync(outside, { force: true })
    expect(written).toBe(false)
  })
})
