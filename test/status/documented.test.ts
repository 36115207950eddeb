import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { statusJson } from '../../src/status/json.ts'
import { states } from '../../src/status/repoReport.ts'
import { makeBusy } from './installations.ts'
import { everyMetric } from './scraped.ts'

const text = readFileSync(join(import.meta.dirname, '../../docs/status.md'), 'utf8')
const section = (heading: string) => text.split(/^## /m).find((one) => one.startsWith(`${heading}\n`)) as string
const coded = (markdown: string) =>
  new Set([...markdown.matchAll(/`(\w+)(?:\[\])?`/g)].map(([, name]) => name as string))

test('docs/status.md has every metric there is, and no other', async () => {
  const exposed = [...(await everyMetric()).matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name as string)
  const documented = [...coded(section('Metrics'))].filter((name) => /^(?:mirror|process)_/.test(name))
  expect(documented.sort()).toEqual(exposed.sort())
})

test('docs/status.md has every key of the JSON', async () => {
  await using history = await makeBusy()
  const keys = new Set<string>()
  const gather = (key: string, value: unknown) => {
    if (Number.isNaN(Number(key))) keys.add(key)
    return value
  }
  JSON.parse(statusJson(history.report(history.live)), gather)
  // What a progress event counts is said by its own names.
  const counts = new Set(['stage', 'packagesTotal', 'bytesTotal', 'added', 'removed'])
  const documented = coded(section('JSON'))
  expect([...keys].filter((key) => key !== '' && !documented.has(key) && !counts.has(key))).toEqual([])
})

test('docs/status.md has every state, in the order in which they are looked for', () => {
  expect([...section('Freshness').matchAll(/^\| `(\w+)` \|/gm)].map(([, state]) => state)).toEqual([...states])
})
