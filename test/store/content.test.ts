import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Digest } from '../../src/digest.ts'
import { contentRows } from '../../src/store/content.ts'
import { addContent, openNewState, sha256Of } from './opened.ts'

const sha512: Digest = { algorithm: 'sha512', hex: createHash('sha512').update('bytes').digest('hex') }

test('a content is found by its digest, and by its size where one is asked for', async () => {
  await using opened = await openNewState()
  const rows = contentRows(opened.state.database)
  const content = addContent(opened.state, 'bytes')
  expect(rows.find(content.digest, 5)).toEqual(content)
  expect(rows.find(content.digest, undefined)).toEqual(content)
  expect(rows.find(content.digest, 6)).toBeUndefined()
  expect(rows.find({ algorithm: 'sha256', hex: sha256Of('other') }, undefined)).toBeUndefined()
})

test('a digest of another algorithm leads to the content once it was found to stand for it', async () => {
  await using opened = await openNewState()
  const rows = contentRows(opened.state.database)
  addContent(opened.state, 'bytes')
  expect([rows.sha256Of(sha512), rows.find(sha512, 5)]).toEqual([undefined, undefined])
  addContent(opened.state, 'bytes', sha512)
  expect(rows.sha256Of(sha512)).toBe(sha256Of('bytes'))
  expect(rows.find(sha512, 5)).toEqual({ sha256: sha256Of('bytes'), size: 5, digest: sha512 })
})

test('a sha256 stands for itself, whether or not its content is there', async () => {
  await using opened = await openNewState()
  const hex = sha256Of('absent')
  expect(contentRows(opened.state.database).sha256Of({ algorithm: 'sha256', hex })).toBe(hex)
})

test('a content that is taken back is found by none of its digests', async () => {
  await using opened = await openNewState()
  const rows = contentRows(opened.state.database)
  const { sha256, digest } = addContent(opened.state, 'bytes')
  addContent(opened.state, 'bytes', sha512)
  rows.forget([sha256])
  expect([rows.find(digest, 5), rows.find(sha512, 5)]).toEqual([undefined, undefined])
})
