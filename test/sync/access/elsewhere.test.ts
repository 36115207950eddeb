import { mkdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { checkTree } from '../../helpers/checker.ts'
import { filesWith } from '../../helpers/filesWith.ts'
import { judge } from '../../helpers/judges.ts'
import { runMirror } from '../../helpers/mirror.ts'
import { startNginx } from '../../helpers/nginx.ts'
import { makeRepository } from '../../helpers/repository.ts'
import { startUpstream } from '../../helpers/upstream.ts'
import { mirroredSite } from '../faults/mirroredSite.ts'
import { startAsking } from './asking.ts'

const beta = 'Packages/b/beta-1.0-1.x86_64.rpm'

test('U15: a name, a token and headers do not follow a redirect to another origin, nor do they stand in any log', async () => {
  await using mirrored = await mirroredSite()
  const { site, dir, upstream, tree } = mirrored
  await using other = await startUpstream(dir)
  const known = { baseurl: `${upstream.url}?canary-token`, http_headers: ['X-Team: canary-header'] }
  const quick = { retries: 1, retry_delay: 0, timeout: 1 }
  await site.writeConfig({ repos: { repo: { ...quick, ...known, username: 'me', password: 'canary-password' } } })
  const packages = [{ name: 'alpha' }, { name: 'beta' }]
  await makeRepository(dir, packages)
  upstream.rules.push({ path: beta, fault: { kind: 'redirect', location: `${other.url}${beta}` } })

  const first = await mirrored.sync('--json')
  expect(JSON.parse(first.stdout).repos).toMatchObject([{ result: 'published' }])
  expect(upstream.requests.map(({ headers }) => [headers.authorization, headers['x-team']])).toEqual(
    upstream.requests.map(() => [`Basic ${btoa('me:canary-password')}`, 'canary-header']),
  )
  expect(other.requests.map(({ path }) => path)).toEqual([`/${beta}`])
  expect(JSON.stringify(other.requests)).not.toMatch(canary)
  const before = await checkTree(tree)
  expect([before.problems, before.packages.length]).toEqual([[], 2])

  await makeRepository(dir, [...packages, { name: 'gamma' }], { clean: true })
  upstream.rules.push({ path: /gamma/, fault: { kind: 'redirect', location: `${other.url}nowhere` } })
  const second = await mirrored.sync()
  expect(second.status).toBe(1)
  expect(second.stderr).toContain('E_HTTP repo: Cannot fetch gamma-1.0-1.x86_64 from ')
  expect(second.stderr).toContain('HTTP status 404 (not found); generation 1 is still served\n')
  expect(await checkTree(tree)).toEqual(before)

  const status = await runMirror(['status', '--json', '-c', site.configFile])
  for (const { stdout, stderr } of [first, second, status]) expect(`${stdout}${stderr}`).not.toMatch(canary)
  expect(JSON.stringify(other.requests)).not.toMatch(canary)
  expect([filesWith(site.root, canary), filesWith(site.state, canary)]).toEqual([[], []])
})

const canary = new RegExp(`canary|${btoa('me:canary-password').slice(0, 16)}`)

test.skipIf(!judge('nginx', 'openssl'))('U15: nor is a client certificate shown to another origin', async () => {
  await using asking = await startAsking()
  const { site, authority, mirror } = asking
  const [server, client] = [authority.sign('server'), authority.sign('client')]
  const secured = `ssl_certificate ${server.cert}; ssl_certificate_key ${server.key};`
  const starting = (name: string, ...lines: string[]) => {
    mkdirSync(site.path(name))
    const asks = `ssl_client_certificate ${authority.ca}; ssl_verify_client optional;`
    const format = '[$ssl_client_s_dn] $request_uri'
    return startNginx(site.path(name), [secured, asks, ...lines], { tls: true, format })
  }
  await using other = await starting('other', `location / { root ${site.dir}; }`)
  await using first = await starting(
    'first',
    `location /upstream/Packages/b/ { return 302 https://127.0.0.1:${other.port}$request_uri; }`,
    `location / { root ${site.dir}; }`,
  )
  const baseurl = `https://127.0.0.1:${first.port}/upstream/`
  const repo = { baseurl, sslcacert: authority.ca, sslclientcert: client.cert, sslclientkey: client.key }
  await site.writeConfig({ defaults: { retries: 1, retry_delay: 0, arch: 'x86_64' }, repos: { repo } })
  expect(await mirror('sync')).toMatchObject({ status: 0 })
  expect(new Set(first.log().map((line) => line.split(' ')[0]))).toEqual(new Set(['[CN=client]']))
  expect(other.log()).toEqual([`[-] /upstream/${beta}`])
})
