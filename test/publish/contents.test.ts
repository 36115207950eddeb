import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addContent } from '../../src/publish/contents.ts'
import { type Opened, openNewState } from '../store/opened.ts'

const bytes = Buffer.from('<repomd/>')

let opened: Opened
beforeAll(async () => {
  opened = await openNewState()
})
afterAll(() => opened[Symbol.asyncDispose]())

test('bytes that are in the pool already stay one inode, whoever publishes them again', async () => {
  const { state } = opened
  const first = statSync(state.pool.path(await addContent(state, bytes))).ino
  expect(statSync(state.pool.path(await addContent(state, bytes))).ino).toBe(first)
})

test('a damaged file of the pool is replaced by the bytes that are added', async () => {
  const { state } = opened
  const file = state.pool.path(await addContent(state, bytes))
  writeFileSync(file, '<REPOMD/>')
  await addContent(state, bytes)
  expect(readFileSync(file, 'utf8')).toBe('<repomd/>')
})
