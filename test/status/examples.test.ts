// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Grafana's variables look like that
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { judge } from '../helpers/judges.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'
import { everyMetric } from './scraped.ts'

const config = join(import.meta.dirname, '../../config')
const rulesFile = join(config, 'prometheus-rules.yaml')

type Rules = { groups: { rules: { alert: string; expr: string }[] }[] }
type Target = { expr: string; refId: string }
type Panel = { id: number; title: string; gridPos: { x: number; y: number; w: number; h: number }; targets: Target[] }
type Dashboard = {
  __inputs: { name: string; pluginId: string }[]
  id: null
  panels: Panel[]
  templating: { list: { name: string; definition: string }[] }
}

const rules = (parse(readFileSync(rulesFile, 'utf8')) as Rules).groups.flatMap((group) => group.rules)
const dashboard = JSON.parse(readFileSync(join(config, 'grafana-dashboard.json'), 'utf8')) as Dashboard
const queries = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))

test('every metric that rules and dashboard ask for is one that /metrics has', async () => {
  const text = await everyMetric()
  const exposed = new Set([...text.matchAll(/^(\w+)[{ ]/gm)].map(([, name]) => name))
  const asked = [
    ...rules.map(({ expr }) => expr),
    ...queries,
    ...dashboard.templating.list.map((one) => one.definition),
  ]
  const names = new Set(asked.flatMap((expr) => expr.match(/\b(?:mirror|process)_\w+/g) ?? []))
  expect([...names].filter((name) => !exposed.has(name))).toEqual([])
  expect(names.size).toBeGreaterThan(15)
})

describe.skipIf(!judge('promtool'))('promtool', () => {
  test('loads the alert rules', () => {
    expect(promtool('check', 'rules', rulesFile)).toMatchObject({ status: 0 })
  })

  test('sees each alert fire when it must, and not before', () => {
    expect(promtool('test', 'rules', join(import.meta.dirname, 'prometheus-rules.test.yaml'))).toMatchObject({
      status: 0,
    })
    const tested = readFileSync(join(import.meta.dirname, 'prometheus-rules.test.yaml'), 'utf8')
    expect(rules.filter(({ alert }) => !tested.includes(`alertname="${alert}"`))).toEqual([])
  })

  test("reads each of the dashboard's queries", async () => {
    await using folder = await makeTemporaryFolder()
    const file = join(folder.path, 'queries.yaml')
    const asRules = queries.map((expr, i) => ({
      record: `query:${i}`,
      expr: expr.replaceAll('$__rate_interval', '1m'),
    }))
    writeFileSync(file, stringify({ groups: [{ name: 'dashboard', rules: asRules }] }))
    expect(promtool('check', 'rules', file)).toMatchObject({ status: 0 })
  })
})

function promtool(...args: string[]): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync('promtool', args)
  return { status, said: `${stdout.toString()}${stderr.toString()}` }
}

describe('the dashboard', () => {
  test('can be imported: its data source is asked for, and every panel and target names that one', () => {
    expect(dashboard).toMatchObject({ id: null, __inputs: [{ name: 'DS_PROMETHEUS', pluginId: 'prometheus' }] })
    const uids = [...JSON.stringify(dashboard).matchAll(/"uid":"(\$[^"]*)"/g)].map(([, uid]) => uid)
    expect(new Set(uids)).toEqual(new Set(['${DS_PROMETHEUS}']))
    expect(uids).toHaveLength(dashboard.panels.length + queries.length + dashboard.templating.list.length)
  })

  test('has panels with ids of their own, side by side within 24 columns', () => {
    const { panels } = dashboard
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    const taken = new Set<string>()
    for (const { title, gridPos } of panels) {
      const { x, y, w, h } = gridPos
      expect(x + w, title).toBeLessThanOrEqual(24)
      for (let column = x; column < x + w; column++)
        for (let row = y; row < y + h; row++) {
          expect(taken.has(`${column},${row}`), title).toBe(false)
          taken.add(`${column},${row}`)
        }
    }
  })
})
