import { writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { makeAuthority } from '../helpers/authority.ts'
import { judge } from '../helpers/judges.ts'
import { startNginx } from '../helpers/nginx.ts'
import { makeMirrored } from './mirrored.ts'

test('config check --connect tells of each upstream, syncs none, and exits with 1 where one fails', async () => {
  await using mirrored = await makeMirrored({ one: [{ name: 'alpha' }], two: [{ name: 'beta' }, { name: 'gamma' }] })
  const good = await mirrored.mirror('config', 'check', '--connect', '--json')
  expect(good).toMatchObject({ status: 0, stderr: '' })
  const { upstreams } = JSON.parse(good.stdout)
  expect(upstreams).toMatchObject([
    { repo: 'one', ok: true, mirrors: 1, signed: false, plan: { packages: 1, missing: 1 } },
    { repo: 'two', ok: true, mirrors: 1, signed: false, plan: { packages: 2, missing: 2 } },
  ])
  expect(mirrored.upstream.requests.filter(({ path }) => path.endsWith('.rpm'))).toEqual([])

  mirrored.upstream.rules.push({ path: /^\/two\//, fault: { kind: 'status', status: 403 } })
  const bad = await mirrored.mirror('config', 'check', '--connect')
  expect(bad.status).toBe(1)
  const { url } = mirrored.upstream
  expect(bad.stdout).toMatch(
    /^repository +upstream +state +mirrors +metadata +signed +certificate +ours +packages +to fetch$/m,
  )
  expect(bad.stdout).toMatch(/^one +\S+ +ok +1 +.*ago +no +- +- +1 +\d+ B$/m)
  expect(bad.stdout).toMatch(/^two +\S+ +E_HTTP +- +- +- +- +- +- +-$/m)
  expect(bad.stderr).toBe(`E_HTTP two: Cannot fetch ${url}two/repodata/repomd.xml: HTTP status 403 (forbidden)\n`)
})

test.skipIf(!judge('nginx', 'openssl'))('config check --connect tells how long certificates are valid', async () => {
  await using mirrored = await makeMirrored({ one: [{ name: 'alpha' }] })
  const { site } = mirrored
  const authority = makeAuthority()
  const [server, client] = [authority.sign('server', { days: 40 }), authority.sign('client', { days: 60 })]
  const lines = [
    `ssl_certificate ${server.cert}; ssl_certificate_key ${server.key};`,
    `ssl_client_certificate ${authority.ca}; ssl_verify_client on; root ${site.path('upstream')};`,
  ]
  await using nginx = await startNginx(site.dir, lines, { tls: true })
  const access = { sslcacert: authority.ca, sslclientcert: client.cert, sslclientkey: client.key }
  const repos = { one: { baseurl: `https://127.0.0.1:${nginx.port}/one/?canary`, ...access } }
  writeFileSync(site.configFile, stringify({ root: site.root, state: site.state, repos }))
  const { status, stdout } = await mirrored.mirror('config', 'check', '--connect', '--json')
  expect(status).toBe(0)
  expect(stdout).not.toContain('canary')
  const [one] = JSON.parse(stdout).upstreams
  expect([39, 40]).toContain(one.certificateDays)
  expect([59, 60]).toContain(one.clientCertificateDays)
})
