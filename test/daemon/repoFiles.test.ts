import { describe, expect, test } from 'vitest'
import { makeInstallation } from './running.ts'

describe('the .repo file beside a tree', () => {
  test('is what mirror repofile prints, with the host that the client knows, however its name is escaped', async () => {
    await using installed = await makeInstallation({ one: [{ name: 'alpha' }] }, { repos: { one: { path: 'el 9/ö' } } })
    await using daemon = await installed.start()
    const printed = await installed.mirror('repofile', 'one', '--base', daemon.url)
    expect(printed.stdout).toMatch(/^\[one\]\nname=one\nbaseurl=http:\S+\/el%209\/%C3%B6\/\n/)
    for (const name of ['el%209/%C3%B6/one.repo', 'el%209/%c3%b6/one.repo', '%65l%209/%C3%B6/one.repo?x=1']) {
      const response = await fetch(`${daemon.url}${name}`)
      expect([response.status, await response.text()]).toEqual([200, printed.stdout])
    }
    const head = await fetch(`${daemon.url}el%209/%C3%B6/one.repo`, { method: 'HEAD' })
    expect(head.headers.get('content-length')).toBe(String(Buffer.byteLength(printed.stdout)))
    for (const name of ['one.repo', 'el%209/%C3%B6/two.repo', 'el%209/%C3%B6/one.repo/', 'el%209%2f%C3%B6/one.repo'])
      expect([name, (await fetch(`${daemon.url}${name}`)).status]).not.toEqual([name, 200])
  })
})
