import { expect, test } from 'vitest'
import { keepPackages, type UpdatePackage } from '../../src/repodata/updateinfo/packages.ts'
import { trimUpdateinfo } from '../../src/repodata/updateinfo/updateinfo.ts'

const pkg = (name: string, more = '') =>
  `<package name="${name}" version="1" release="2" epoch="0" arch="noarch"${more}><filename>${name}-1-2.noarch.rpm</filename><sum/></package>`
const collection = (...packages: string[]) =>
  `\n    <collection short="c"><name>c</name><module name="m"/>\n      ${packages.join('\n      ')}\n    </collection>`
const update = (...collections: string[]) =>
  `<update type="security"><id>A</id><description>&lt;package&gt; of é</description><pkglist>${collections.join('')}\n  </pkglist></update>`

const isThere = ({ nevra, filename }: UpdatePackage) => nevra === 'a-1-2.noarch' || filename === 'f.rpm'
const keep = (text: string) => keepPackages(Buffer.from(text), isThere)?.toString()

test('an update loses the packages that are not there, with their lines', () => {
  expect(keep(update(collection(pkg('b'), pkg('a'), pkg('c'))))).toBe(update(collection(pkg('a'))))
})

test('a collection without any goes, and an update without any', () => {
  expect(keep(update(collection(pkg('b')), collection(pkg('a')), collection()))).toBe(update(collection(pkg('a'))))
  expect(keep(update(collection(pkg('b')), collection(pkg('c'))))).toBeUndefined()
  expect(keep('<update><id>A</id></update>')).toBeUndefined()
})

test('an update of which all stays is the same bytes', () => {
  const bytes = Buffer.from(update(collection(pkg('a'))))
  expect(keepPackages(bytes, isThere)).toBe(bytes)
})

test('a package is known by its file too, and where its element is closed at once', () => {
  const named = pkg('x').replace('x-1-2.noarch.rpm', 'f.rpm')
  const closed = '<package name="a" version="1" release="2" arch="noarch"/>'
  const bare = '<package><filename>f.rpm</filename></package>'
  const all = update(collection(named, closed, bare))
  expect(keep(all)).toBe(all)
  const epoch = pkg('a').replace('epoch="0"', 'epoch="1"')
  expect(keep(update(collection(epoch, closed)))).toBe(update(collection(closed)))
})

test('comments and CDATA that look like packages are none', () => {
  const comment = `<!-- ${pkg('a')} -->`
  const told = update(collection(comment, pkg('b'), pkg('a'))).replace('of é', `<![CDATA[</collection>${pkg('a')}]]>`)
  expect(keep(told)).toBe(told.replace(`\n      ${pkg('b')}`, ''))
})

test('a document says whether anything is gone of it', async () => {
  const [one, two] = [update(collection(pkg('a'))), update(collection(pkg('b')))]
  expect(await trim(`<updates>${one}</updates>`)).toEqual([`<updates>${one}</updates>`, false])
  expect(await trim(`<updates>\n${two}\n${one}</updates>`)).toEqual([`<updates>${one}</updates>`, true])
  expect(await trim('<updates></updates>')).toEqual(['<updates></updates>', false])
})

/** The trimmed document without the declaration and white space around updates, and whether something is gone. */
async function trim(document: string) {
  const parts = trimUpdateinfo(
    (async function* () {
      yield Buffer.from(document)
    })(),
    isThere,
  )
  let trimmed = ''
  for (;;) {
    const part = await parts.next()
    if (part.done === true)
      return [
        trimmed
          .replace(/^<\?.*\n/, '')
          .replace(/<updates>\s+(?=<update )/, '<updates>')
          .replace(/\s*<\/updates>\s*/, '</updates>'),
        part.value,
      ]
    trimmed += part.value.toString()
  }
}
