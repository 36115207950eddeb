import { describe, expect, test } from 'vitest'
import { proxies } from '../../src/upstream/proxies.ts'

/** The proxy for a URL as the environment says. */
function by(env: Record<string, string>, url: string, noProxy?: string[]): string | undefined {
  return proxies({ proxy: 'environment', noProxy }, env)(new URL(url))?.url.href
}

describe('the environment', () => {
  const both = { http_proxy: 'http://a:1', HTTPS_PROXY: 'b:2' }

  test.each<[Record<string, string>, string, string | undefined]>([
    [both, 'http://h/', 'http://a:1/'],
    [both, 'https://h/', 'http://b:2/'],
    [{ HTTP_PROXY: 'http://a:1' }, 'http://h/', undefined],
    [{ all_proxy: 'socks5://c:3' }, 'https://h/', 'socks5://c:3'],
    [{ ALL_PROXY: 'socks5h://c:3', http_proxy: 'http://a:1' }, 'http://h/', 'http://a:1/'],
    [{ http_proxy: '' }, 'http://h/', undefined],
    [{}, 'http://h/', undefined],
  ])('%j has for %s the proxy %s, as for curl', (env, url, proxy) => {
    expect(by(env, url)).toBe(proxy)
  })

  test('that is no proxy is refused without being shown', () => {
    expect(() => by({ http_proxy: 'ftp://me:canary@x' }, 'http://h/')).toThrow(
      'a proxy of the environment (http_proxy, https_proxy, all_proxy) is no URL of one',
    )
  })
})

describe('no_proxy', () => {
  test.each<[string, string, boolean]>([
    ['example.org', 'http://example.org/', true],
    ['example.org', 'http://a.example.org/', true],
    ['.example.org', 'http://a.example.org/', true],
    ['.example.org', 'http://example.org/', true],
    ['example.org', 'http://notexample.org/', false],
    ['EXAMPLE.org.', 'http://example.org./', true],
    ['a, b', 'http://b/', true],
    ['*', 'http://anything/', true],
    ['10.0.0.0/8', 'http://10.1.2.3/', true],
    ['10.0.0.0/8', 'http://11.1.2.3/', false],
    ['10.1.2.3', 'http://10.1.2.3/', true],
    ['::1', 'http://[::1]/', true],
    ['fd00::/8', 'http://[fd12::1]/', true],
    ['10.0.0.0/99', 'http://10.1.2.3/', false],
    ['', 'http://h/', false],
  ])('%j and %s', (list, url, isExcepted) => {
    expect(by({ http_proxy: 'http://a:1', no_proxy: list }, url) === undefined).toBe(isExcepted)
    expect(by({ http_proxy: 'http://a:1' }, url, list.split(/[, ]+/)) === undefined).toBe(isExcepted)
  })
})
