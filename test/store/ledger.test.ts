import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type Content, contentRows } from '../../src/store/content.ts'
import { Ledger } from '../../src/store/ledger.ts'
import type { State } from '../../src/store/state.ts'
import { addContent, openNewState } from '../store/opened.ts'

/** More bytes than are collected before something is done about them. */
const plenty = 2 ** 30

test('a content has its row when the ledger is settled, and not before', async () => {
  await using opened = await openNewState()
  const { ledger, isRecorded } = makeLedger(opened.state)
  const contents = ['a', 'b'].map((text) => putFile(opened.state, text))
  for (const content of contents) ledger.add(content)
  expect(contents.map(isRecorded)).toEqual([false, false])
  await ledger.settle()
  expect(contents.map(isRecorded)).toEqual([true, true])
  await ledger.settle()
})

test('much that has come in is recorded without waiting for the end', async () => {
  await using opened = await openNewState()
  const { ledger, isRecorded } = makeLedger(opened.state)
  const [early, late] = [{ ...putFile(opened.state, 'a'), size: plenty }, putFile(opened.state, 'b')]
  ledger.add(early)
  ledger.add(late)
  while (!isRecorded(early)) await sleep(5)
  expect(isRecorded(late)).toBe(false)
  await ledger.settle()
  expect(isRecorded(late)).toBe(true)
})

test.each([
  ['at the end', 1],
  ['on the way', plenty],
])('a content that cannot be made durable %s fails the settling, and has no row', async (_, size) => {
  await using opened = await openNewState()
  const { ledger, isRecorded } = makeLedger(opened.state)
  const [gone, other] = [putFile(opened.state, 'a'), { ...putFile(opened.state, 'b'), size }]
  rmSync(opened.state.pool.path(gone.sha256))
  ledger.add(gone)
  ledger.add(other)
  await sleep(20)
  await expect(ledger.settle()).rejects.toThrow('ENOENT')
  expect([gone, other].map(isRecorded)).toEqual([false, false])
})

function makeLedger({ pool, database }: State) {
  const rows = contentRows(database)
  return {
    ledger: new Ledger(pool, rows),
    isRecorded: ({ digest }: Content) => rows.find(digest, undefined) !== undefined,
  }
}

/** A file of the pool that has no row yet. */
function putFile(state: State, text: string): Content {
  const content = addContent(state, text)
  contentRows(state.database).forget([content.sha256])
  return content
}
