import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parseMirrorlist } from '../../src/repodata/mirrorlist.ts'
import { askLibrepo, hasLibrepo } from '../helpers/librepo.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'

const two = ['http://a.example/x/', 'https://b.example/y']

const lists: Record<string, { text: string; urls: string[] }> = {
  'a URL on each line': { text: 'http://a.example/x/\nhttps://b.example/y\n', urls: two },
  'no line break at the end': { text: 'http://a.example/x/\nhttps://b.example/y', urls: two },
  'comments and blank lines': {
    text: '# repo = epel-9 arch = x86_64 country = DE\n\n  \nhttp://a.example/x/\n  # http://c.example/\nhttps://b.example/y\n',
    urls: two,
  },
  'space around': { text: '  http://a.example/x/ \n\thttps://b.example/y\t\n', urls: two },
  'lines of other things': { text: 'mirrors:\nhttp://a.example/x/\nnone\nhttps://b.example/y\n', urls: two },
  'other schemes, which are refused later': {
    text: 'rsync://a.example/x/\nftp://b.example/\nhttp://c.example/\n',
    urls: ['rsync://a.example/x/', 'ftp://b.example/', 'http://c.example/'],
  },
  'a folder': { text: '/srv/mirror\n', urls: ['/srv/mirror'] },
  'ten thousand': {
    text: Array.from({ length: 10_000 }, (_, i) => `http://m${i}.example/\n`).join(''),
    urls: Array.from({ length: 10_000 }, (_, i) => `http://m${i}.example/`),
  },
}

describe('a mirrorlist', () => {
  test.for(Object.entries(lists))('with %s', ([, { text, urls }]) => {
    expect(parseMirrorlist(Buffer.from(text))).toEqual(urls)
  })

  test('of another system, or with a mark of its encoding', () => {
    expect(parseMirrorlist(Buffer.from('\uFEFFhttp://a.example/x/\r\nhttps://b.example/y\r\n'))).toEqual(two)
  })

  test('with variables that only a client could replace has the others', () => {
    expect(parseMirrorlist(Buffer.from('http://a.example/$releasever/\nhttps://b.example/y\n'))).toEqual([two[1]])
  })

  test.for<[string, string, string]>([
    ['a page', '<!DOCTYPE html>\n<html>log in', 'not a mirrorlist; it begins "<!DOCTYPE html> <html>log in"'],
    [
      'a metalink',
      '<?xml version="1.0"?>\n<metalink>',
      'not a mirrorlist but a metalink: write metalink in place of mirrorlist; it begins "<?xml version=\\"1.0\\"?> <metalink>"',
    ],
    ['nothing', '', 'the mirrorlist has no URL in it; it begins ""'],
    [
      'what MirrorManager says of what it does not know',
      '# Bad Request\n# either path=, or repo= and arch= must be specified\n',
      'the mirrorlist has no URL in it; it begins "# Bad Request # either path=, or repo= and arch= must be specified "',
    ],
  ])('is not %s', ([, text, message]) => {
    expect(() => parseMirrorlist(Buffer.from(text))).toThrow(expect.objectContaining({ code: 'E_NO_MIRROR', message }))
  })

  test.skipIf(!hasLibrepo())('has the URLs that librepo finds in it', async () => {
    await using folder = await makeTemporaryFolder()
    for (const [name, { text, urls }] of Object.entries(lists)) {
      if (urls.length > 100) continue
      const file = join(folder.path, 'list')
      await writeFile(file, text)
      const { mirrors } = await askLibrepo('mirrorlist', pathToFileURL(file).href, 'list')
      expect([name, mirrors]).toEqual([name, urls])
    }
  })
})
