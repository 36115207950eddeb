import { describe, expect, test } from 'vitest'
import { withRedirects } from '../../src/upstream/redirects.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'
import { startUpstream } from '../helpers/upstream.ts'
import { content, failure, fetch, patientFor, startServer } from './fetching.ts'

describe('a redirect', () => {
  test.each([301, 302, 303, 307, 308])('of status %i is followed, and only the last answer is seen', async (status) => {
    await using server = await startServer({ kind: 'redirect', status, location: '/file?x=1' })
    await using http = patientFor(5000)
    const { heads, body } = await fetch(withRedirects(http), `${server.url}broken`)
    expect(heads.map(({ status, url }) => [status, url.href])).toEqual([[200, `${server.url}file?x=1`]])
    expect(body).toEqual(content)
  })

  test.each([
    ['relative to the folder', 'file'],
    ['absolute within the host', '/file'],
    ['with dots', '/a/../file'],
    ['without a scheme', (host: string) => `//${host}/file`],
    ['whole', (host: string) => `http://${host}/file`],
  ])('to a Location that is %s is followed', async (_, location) => {
    await using server = await startServer({
      kind: 'redirect',
      location: ({ headers }) => (typeof location === 'string' ? location : location(headers.host as string)),
    })
    await using http = patientFor(5000)
    expect((await fetch(withRedirects(http), `${server.url}broken`)).body).toEqual(content)
  })

  test('leads on five times and no further', async () => {
    await using server = await startServer({
      kind: 'redirect',
      location: ({ path }) => {
        const left = Number(new URL(path, 'http://x').searchParams.get('left'))
        return left === 0 ? '/file' : `/broken?left=${left - 1}`
      },
    })
    await using http = patientFor(5000)
    const transport = withRedirects(http)
    expect((await fetch(transport, `${server.url}broken?left=4`)).body).toEqual(content)
    server.requests.length = 0
    expect(await failure(fetch(transport, `${server.url}broken?left=5&token=canary`))).toMatchObject({
      code: 'E_REDIRECT',
      message: `more than 5 redirects: ${Array(6).fill(`${server.url}broken`).join(' -> ')}`,
    })
    expect(server.requests.filter(({ path }) => path === '/file')).toEqual([])
  })

  test.each<[string, string | undefined, string, string?]>([
    ['nowhere', undefined, 'a redirect from URL without a Location'],
    ['an empty place', '', 'a redirect from URL without a Location'],
    ['what is no URL', 'http://[::1', 'a redirect from URL to "http://[::1", which is no URL'],
    ['a place with a space', '/a b', 'a redirect from URL to a Location with control characters'],
    ['a place with a tab', '/a\tb', 'a redirect from URL to a Location with control characters'],
    ...['file:///etc/passwd', 'ftp://127.0.0.1/x', 'data:text/plain,x', 'unix:/run/x.sock', 'javascript:0'].map(
      (location): [string, string, string, string] => [
        location,
        location,
        `a redirect from URL to ${new URL(location).protocol} is not followed`,
        'E_REDIRECT_SCHEME',
      ],
    ),
  ])('to %s is not followed', async (_, location, message, code = 'E_REDIRECT') => {
    await using server = await startServer({ kind: 'redirect', ...(location !== undefined && { location }) })
    await using http = patientFor(5000)
    expect(await failure(fetch(withRedirects(http), `${server.url}broken?token=canary`))).toMatchObject({
      code,
      message: message.replace('URL', `${server.url}broken`),
    })
  })
})

describe('what a request carries', () => {
  const headers = { authorization: 'Basic canary', cookie: 'canary', range: 'bytes=0-', 'x-other': 'kept' }

  test('goes along to another place of the same host', async () => {
    await using server = await startServer({ kind: 'redirect', location: '/file' })
    await using http = patientFor(5000)
    await fetch(withRedirects(http), `${server.url}broken`, { headers })
    expect(server.requests[1]?.headers).toMatchObject(headers)
  })

  test('U15: goes to another host without its credentials, and stays so on the way back', async () => {
    await using folder = await makeTemporaryFolder()
    await using other = await startUpstream(folder.path)
    await using server = await startServer({ kind: 'redirect', location: `${other.url}x` })
    other.rules.push({ path: 'x', fault: { kind: 'redirect', location: `${server.url}file` } })
    await using http = patientFor(5000)
    await fetch(withRedirects(http), `${server.url}broken`, { headers })
    for (const request of [other.requests[0], server.requests[1]]) {
      expect(request?.headers).toMatchObject({ range: 'bytes=0-', 'x-other': 'kept' })
      expect(JSON.stringify(request)).not.toContain('canary')
    }
  })

  test('is not joined by the user and password of a Location', async () => {
    await using server = await startServer({
      kind: 'redirect',
      location: ({ headers }) => `http://user:canary@${headers.host}/file`,
    })
    await using http = patientFor(5000)
    await fetch(withRedirects(http), `${server.url}broken`)
    expect(JSON.stringify(server.requests[1])).not.toContain('canary')
    expect(server.requests[1]?.headers).not.toHaveProperty('authorization')
  })
})
