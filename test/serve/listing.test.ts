import { linkSync, symlinkSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bytesOf, get, site, tree } from './serving.ts'

const html = async (root: string, target: string): Promise<string> => bytesOf(await get(site(root), target)).toString()

test('lists folders first, then files, each with size and date, and nothing that is not served', async () => {
  const root = tree({ 'r/b.rpm': 'x'.repeat(1234), 'r/a.rpm': '', 'r/z/x': '', 'r/.tmp': '', 'r/.treeinfo': '' })
  utimesSync(join(root, 'r/b.rpm'), 1_700_000_000, 1_700_000_000)
  symlinkSync('b.rpm', join(root, 'r/c.rpm'))
  linkSync(join(root, 'r/b.rpm'), join(root, 'r/d.rpm'))
  const page = await html(root, '/r/')
  const links = [...page.matchAll(/<td><a href="(.*?)">/g)].map(([, href]) => href)
  expect(links).toEqual(['../', 'z/', '.treeinfo', 'a.rpm', 'b.rpm', 'd.rpm'])
  expect(page).toContain(
    '<a href="b.rpm">b.rpm</a></td><td><data value="1234">1.2 kB</data></td><td>2023-11-14 22:13</td>',
  )
})

test('the root has no parent', async () => {
  expect(await html(tree({ file: '' }), '/')).not.toContain('../')
})

test('names are escaped in text, links and title', async () => {
  const name = `<script>alert("1")&'`
  const root = tree({ [`${name}/${name}`]: 'x' })
  const page = await html(root, `/${encodeURIComponent(name)}/`)
  expect(page).not.toContain('<script')
  expect(page).toContain(
    `<a href="%3Cscript%3Ealert(%221%22)%26&#39;">&#60;script&#62;alert(&#34;1&#34;)&#38;&#39;</a>`,
  )
  expect((await get(site(root), `/${encodeURIComponent(name)}/${encodeURIComponent(name)}`)).status).toBe(200)
})

test('every name in a listing leads to its file', async () => {
  const names = ['a b', 'a%20b', 'a+b~c^d', 'javascript:x', 'ü', 'a?b', 'a#b', 'a;b=c', '~', 'a&amp;b']
  const root = tree(Object.fromEntries(names.map((name) => [`r/${name}`, name])))
  const page = await html(root, '/r/')
  const hrefs = [...page.matchAll(/<td><a href="(?!\.\.\/)(.*?)">/g)].map(([, href]) => href ?? '')
  const base = new URL('http://mirror/r/')
  const targets = hrefs.map((href) => new URL(href, base).pathname)
  const bodies = await Promise.all(targets.map(async (target) => bytesOf(await get(site(root), target)).toString()))
  expect(bodies.sort()).toEqual(names.sort())
})

test('allows its own style and nothing else', async () => {
  const { headers } = await get(site(tree({ file: '' })), '/')
  expect(headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' })
  expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/]{43}='; /)
})

test('a folder with more entries than are looked at one by one is listed by name', async () => {
  const handler = site(tree({ 'r/a': 'x', 'r/b': 'x', 'r/c/d': 'x' }), { listingDetails: 2 })
  const page = bytesOf(await get(handler, '/r/')).toString()
  expect(page).toContain('<tr><td><a href="c/">c/</a></td><td></td><td></td></tr>\n<tr><td><a href="a">a</a></td>')
  expect(page).not.toContain('<data')
})
