import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { delimiter, join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pageHeaders, statusPage } from '../../src/status/page/page.ts'
import type { Report } from '../../src/status/report.ts'
import { judge } from '../helpers/judges.ts'
import { makeBusy, makeNew, makeWell } from './installations.ts'

const installations = {
  busy: makeBusy,
  one: () => makeWell(1),
  many: () => makeWell(60),
  new: makeNew,
  reloading: makeBusy,
}
const sizes = [
  { width: 390, height: 844 },
  { width: 1280, height: 800 },
]

describe.skipIf(!judge('chromium'))('in a browser', () => {
  const pages = new Map<string, Report>()
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url as string, 'http://localhost')
    const report = pages.get(pathname)
    if (report === undefined) return void response.writeHead(404).end()
    const headers = pathname === '/reloading/' ? { ...pageHeaders(report), refresh: '1' } : pageHeaders(report)
    response.writeHead(200, headers).end(statusPage(report, { base: 'http://mirror.example/' }))
  })
  let browser: Browser
  let url: string

  beforeAll(async () => {
    for (const [name, make] of Object.entries(installations)) {
      await using history = await make()
      pages.set(`/${name}/`, history.report(history.live))
    }
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    browser = await chromium.launch({ executablePath: onPath('chromium'), args: ['--no-sandbox'] })
  })
  afterAll(async () => {
    await browser.close()
    server.close()
  })

  /** Opens a page of its own; what the browser complains about comes with it. */
  async function open(path: string, options: Parameters<Browser['newPage']>[0]): Promise<[Page, string[]]> {
    const page = await browser.newPage(options)
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('requestfailed', (request) => complaints.push(request.url()))
    await page.goto(url + path)
    return [page, complaints]
  }

  const everything = 'busy/#use-late-and-quiet'
  const cases = sizes.flatMap(
    (viewport) =>
      [
        { path: everything, viewport, colorScheme: 'light' },
        { path: everything, viewport, colorScheme: 'dark' },
        { path: 'one/', viewport, colorScheme: 'dark' },
        { path: 'many/', viewport, colorScheme: 'light' },
        { path: 'new/', viewport, colorScheme: 'dark' },
      ] as const,
  )

  test.each(cases)(
    '$path fits $viewport.width pixels, $colorScheme, and axe finds nothing',
    async ({ path, ...options }) => {
      const [page, complaints] = await open(path, options)
      const root = 'document.documentElement'
      expect(await page.evaluate(`${root}.scrollWidth - ${root}.clientWidth`)).toBe(0)
      expect(await violationsIn(page)).toEqual([])
      // A browser asks for an icon by itself.
      expect(complaints.filter((line) => !/favicon|404/.test(line))).toEqual([])
      await page.close()
    },
  )

  test('without scripts everything is there, and a link shows how clients use a repository', async () => {
    const [page] = await open('busy/', { javaScriptEnabled: false })
    const snippet = page.locator('#use-late-and-quiet pre')
    expect(await snippet.isVisible()).toBe(false)
    await page.getByRole('link', { name: '.repo file of late-and-quiet' }).click()
    expect(await snippet.isVisible()).toBe(true)
    expect(await snippet.textContent()).toContain('baseurl=http://mirror.example/late-and-quiet/\n')
    await page.locator('#use-late-and-quiet').getByRole('link', { name: 'close' }).click()
    expect(await snippet.isVisible()).toBe(false)
    await page.close()
  })

  test('the page reloads itself, but not while somebody copies a .repo file', async () => {
    const [page] = await open('reloading/', {})
    await page.waitForEvent('load')
    await page.getByRole('link', { name: '.repo file of late-and-quiet' }).click()
    await page.waitForURL(/use=late-and-quiet/)
    let loads = 0
    page.on('load', () => loads++)
    await page.waitForTimeout(2500)
    expect(loads).toBe(0)
    expect(await page.locator('#use-late-and-quiet pre').isVisible()).toBe(true)
    await page.locator('#use-late-and-quiet').getByRole('link', { name: 'close' }).click()
    await page.waitForEvent('load')
    await page.waitForEvent('load')
    await page.close()
  })

  test('charts, the table and progress are what they are for those who hear the page, too', async () => {
    const [page] = await open('busy/', { viewport: { width: 390, height: 844 } })
    const chart = page.getByRole('img', { name: /^The last 30 runs/ })
    expect(await chart.count()).toBe(3)
    expect(await page.getByRole('row').count()).toBeGreaterThan(5)
    expect(await page.getByRole('progressbar').getAttribute('value')).toBe('1234')
    await page.close()
  })
})

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe-core finds against WCAG and its own best practices, contrast included. */
async function violationsIn(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  return page.evaluate(async () => {
    const { axe: loaded } = globalThis as unknown as { axe: { run: () => Promise<AxeResults> } }
    const { violations } = await loaded.run()
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`))
  })
}

type AxeResults = { violations: { id: string; nodes: { html: string }[] }[] }

function onPath(command: string): string {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.map((folder) => join(folder, command)).find((file) => existsSync(file)) as string
}
