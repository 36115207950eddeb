import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { escapeHtml, html, policyFor } from '../src/html.ts'

test('text is escaped, in elements and in attributes; markup, lists and nothing are taken as they are', () => {
  const evil = `<script>"a" & 'b'</script>`
  const escaped = '&#60;script&#62;&#34;a&#34; &#38; &#39;b&#39;&#60;/script&#62;'
  expect(escapeHtml(evil)).toBe(escaped)
  expect(html`<p title="${evil}">${evil}</p>`.markup).toBe(`<p title="${escaped}">${escaped}</p>`)
  expect(html`<ul>${[1, 2].map((n) => html`<li>${n}</li>`)}</ul>${undefined}${false}`.markup).toBe(
    '<ul><li>1</li><li>2</li></ul>',
  )
})

test('an object that only looks like markup is none', () => {
  const forged = JSON.parse('{"markup":"<b>"}') as string
  expect(() => html`${forged}`).toThrow(TypeError)
})

test('a policy allows the style with this hash, what is added, and nothing else', () => {
  const hash = createHash('sha256').update('p {}').digest('base64')
  const policy = policyFor('p {}', ['img-src data:'])
  expect(policy.split('; ')).toEqual([
    "default-src 'none'",
    `style-src 'sha256-${hash}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ])
})
