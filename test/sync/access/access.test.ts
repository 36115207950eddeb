import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { makeAuthority } from '../../helpers/authority.ts'
import { makeEntitlement } from '../../helpers/entitlement.ts'
import { filesWith } from '../../helpers/filesWith.ts'
import { judge } from '../../helpers/judges.ts'
import { listing } from '../faults/listing.ts'
import { type Asking, secrets, startAsking } from './asking.ts'

const quick = { retries: 1, retry_delay: 0, arch: 'x86_64' }

/** A repository for each way to be known, and the hook that tells what a program of ours gets to see. */
function good({ site, plain, tls, authority }: Asking): Record<string, object> {
  const pair = authority.sign('client')
  const private_ = (name: string, text: string) => {
    writeFileSync(site.path(name), `${text}\n`, { mode: 0o600 })
    return site.path(name)
  }
  const http = `http://127.0.0.1:${plain.port}`
  const inUrl = `http://me:${encodeURIComponent(secrets.password)}@127.0.0.1:${plain.port}/basic/`
  const certified = { baseurl: `https://127.0.0.1:${tls.port}/upstream/`, sslcacert: authority.ca }
  return {
    file: { baseurl: `${http}/basic/`, username: 'me', password_file: private_('password', secrets.password) },
    inline: { baseurl: `${http}/basic/`, username: 'me', password: secrets.password },
    env: { baseurl: `${http}/basic/`, username: 'me', password_file: 'env:UPSTREAM_PASSWORD' },
    url: { baseurl: inUrl },
    bearer: { baseurl: `${http}/bearer/`, bearer_token_file: private_('bearer', secrets.bearer) },
    header: { baseurl: `${http}/header/`, http_headers: [`X-Team: ${secrets.header}`] },
    token: { baseurl: `${http}/token/?${secrets.token}` },
    certified: { ...certified, sslclientcert: pair.cert, sslclientkey: pair.key },
  }
}

const canary = new RegExp(`canary|${Buffer.from(`me:${secrets.password}`).toString('base64').slice(0, 20)}`, 'i')

test.skipIf(!judge('nginx', 'openssl'))(
  'D6, I17: whoever is known gets the repository, and what they are known by stands nowhere',
  { timeout: 120_000 },
  async () => {
    await using asking = await startAsking()
    const { site, plain, tls, mirror } = asking
    const hook = site.path('hook')
    const look = 'env; cat; tr "\\0" " " < /proc/$PPID/cmdline; ps -ef 2>/dev/null | grep "[w]orker"'
    writeFileSync(hook, `#!/bin/sh\n{ ${look}; } >> ${site.path('seen')}\n`, { mode: 0o755 })
    const repos = good(asking)
    await site.writeConfig({ defaults: { ...quick, on_publish: hook }, repos })
    // What is in the pool is not fetched again, and each file's request is to be seen.
    expect(await mirror('sync', 'token')).toMatchObject({ status: 0 })
    const synced = await mirror('sync', '--json')
    const results = JSON.parse(synced.stdout).repos.map(({ repo, result }: Record<string, string>) => [repo, result])
    expect(results).toEqual(Object.keys(repos).map((id) => [id, id === 'token' ? 'unchanged' : 'published']))

    const told = [synced]
    for (const verb of [
      ['config', 'check'],
      ['config', 'check', '--json'],
      ['status'],
      ['status', '--json'],
      ['history'],
    ])
      told.push(await mirror(...verb))
    expect(told.map(({ status }) => status)).toEqual(told.map(() => 0))
    for (const { stdout, stderr } of told) expect(`${stdout}${stderr}`).not.toMatch(canary)
    const seen = readFileSync(site.path('seen'), 'utf8')
    expect(seen).toContain('MIRROR_EVENT=publish')
    expect(seen).not.toMatch(canary)
    expect(filesWith(site.root, canary)).toEqual([])
    expect(filesWith(site.state, canary)).toEqual([])

    const asked = plain.log()
    const tokens = asked.filter((line) => line.includes('/token/'))
    expect(tokens.length).toBeGreaterThan(4)
    expect(tokens.filter((line) => !line.includes(`?${secrets.token} `))).toEqual([])
    // What one repository is known by no other one sends.
    expect(asked.filter((line) => line.includes('/token/') && /\[(?:Basic|Bearer)|canary-header/.test(line))).toEqual(
      [],
    )
    expect(asked.filter((line) => /^40\d/.test(line))).toEqual([])
    expect(tls.log().filter((line) => !line.startsWith('CN=client '))).toEqual([])
  },
)

test.skipIf(!judge('nginx', 'openssl'))(
  'U12, U14: who is not known is told why, and what was published is served on',
  { timeout: 120_000 },
  async () => {
    await using asking = await startAsking()
    const { site, authority, moveOn, mirror } = asking
    const repos = good(asking)
    await site.writeConfig({ defaults: quick, repos })
    expect(await mirror('sync')).toMatchObject({ status: 0 })
    const before = await listing(site.root)
    await moveOn('2.0')
    chmodSync(site.path('bearer'), 0o604)
    writeFileSync(site.path('password'), 'canary-wrong\n')
    const stranger = makeAuthority().sign('stranger')
    const bad: Record<string, object> = {
      ...repos,
      inline: { ...repos.inline, password: 'canary-wrong' },
      env: { ...repos.env, password_file: 'env:ABSENT_PASSWORD' },
      url: { baseurl: (repos.url as { baseurl: string }).baseurl.replace('me:', 'you:') },
      header: { ...repos.header, http_headers: ['X-Team: canary-wrong'] },
      token: { baseurl: `${(repos.token as { baseurl: string }).baseurl}canary` },
      certified: { ...repos.certified, sslclientcert: stranger.cert, sslclientkey: stranger.key },
    }
    await site.writeConfig({ defaults: quick, repos: bad })
    const { status, stderr: said } = await mirror('sync')
    expect(status).toBe(1)
    const stderr = said.replace(/serial \d+/g, 'serial N').replace(/\d{4}-\d\d-\d\d/g, 'DAY')
    const [http, https] = [`http://127.0.0.1:${asking.plain.port}`, `https://127.0.0.1:${asking.tls.port}`]
    const refused = '401 (the upstream does not take our name and password)'
    const cannot = (url: string) => `Cannot fetch ${url}/repodata/repomd.xml: HTTP status`
    const served = 'generation 1 is still served'
    const expected: Record<string, string> = {
      file: `E_HTTP file: ${cannot(`${http}/basic`)} ${refused}`,
      inline: `E_HTTP inline: ${cannot(`${http}/basic`)} ${refused}`,
      env: 'E_CREDENTIALS env: password_file: the variable ABSENT_PASSWORD holds nothing',
      url: `E_HTTP url: ${cannot(`${http}/basic`)} ${refused}`,
      bearer: `E_CREDENTIALS bearer: bearer_token_file: everybody on this host may read ${site.path('bearer')}; run chmod o= on it`,
      header: `E_HTTP header: ${cannot(`${http}/header`)} 403 (forbidden)`,
      token: `E_HTTP token: ${cannot(`${http}/token`)} 403 (the upstream does not take the URL's token; it may have expired)`,
      certified: `E_HTTP certified: ${cannot(`${https}/upstream`)} 400 (the client certificate ${stranger.cert} (serial N), valid until DAY, is not let in)`,
    }
    for (const line of Object.values(expected)) expect(stderr).toContain(`${line}; ${served}\n`)
    expect(stderr.match(/^E_/gm)).toHaveLength(Object.keys(expected).length)
    expect(stderr).not.toMatch(/canary-|canary=|canary\./i)
    expect(await listing(site.root)).toEqual(before)

    const none = { baseurl: `${https}/upstream/`, sslcacert: authority.ca }
    const broken = site.path('broken.pem')
    writeFileSync(broken, 'no PEM', { mode: 0o600 })
    const pair = authority.sign('other')
    await site.writeConfig({
      defaults: quick,
      repos: {
        none,
        absent: { ...none, sslclientcert: site.path('absent.pem') },
        broken: { ...none, sslclientcert: broken },
        mixed: { ...none, sslclientcert: pair.cert, sslclientkey: stranger.key },
        unknown: { baseurl: none.baseurl },
        expired: { ...none, sslcacert: makeAuthority().ca },
      },
    })
    const second = await mirror('sync')
    const nothing = 'nothing is served yet'
    for (const line of [
      `E_HTTP none: ${cannot(`${https}/upstream`)} 400 (bad request; so nginx answers where it wants a client certificate: write sslclientcert)`,
      `E_CREDENTIALS absent: sslclientcert: Cannot read ${site.path('absent.pem')}: no such file or directory`,
      `E_CREDENTIALS broken: sslclientcert: ${broken} is not a PEM certificate`,
      `E_CREDENTIALS mixed: sslclientkey: ${stranger.key} is not the key of the certificate in ${pair.cert}; give the two that belong together`,
      `E_TLS unknown: Cannot fetch ${https}/upstream/repodata/repomd.xml: TLS refused: its authority is unknown here, or the upstream does not send the certificates between; name them in sslcacert`,
    ])
      expect(second.stderr).toContain(`${line}; ${nothing}\n`)
  },
)

test.skipIf(!judge('nginx', 'openssl'))(
  'releases of RHEL side by side, each with the certificate that covers it, and a 403 that says which one it was',
  { timeout: 120_000 },
  async () => {
    await using asking = await startAsking()
    const { site, authority, tls, mirror } = asking
    const folder = site.path('entitlement')
    mkdirSync(folder)
    const os = (release: number) => `/content/dist/rhel${release}/$releasever/$basearch/os`
    makeEntitlement(authority, folder, '9', { version: 3, paths: [os(9)], days: 20 })
    makeEntitlement(authority, folder, '8', { version: 1, paths: [os(8)] })
    const repo = (release: number) => ({
      baseurl: `https://127.0.0.1:${tls.port}/content/dist/rhel${release}/9/x86_64/os/`,
    })
    const defaults = { ...quick, entitlement: 'auto', entitlement_folder: folder, sslcacert: authority.ca }
    await site.writeConfig({ defaults, repos: { nine: repo(9), eight: repo(8), six: repo(6) } })
    const { status, stderr } = await mirror('sync')
    expect(status).toBe(1)
    const six = `https://127.0.0.1:${tls.port}/content/dist/rhel6/9/x86_64/os/repodata/repomd.xml`
    expect(stderr.replace(/serial \d+/, 'serial N')).toContain(
      `E_HTTP six: Cannot fetch ${six}: HTTP status 403 (the client certificate ${folder}/8.pem (serial N) does not cover ${new URL(six).pathname}); nothing is served yet\n`,
    )
    expect(stderr.match(/^E_/gm)).toHaveLength(1)
    expect(stderr).toMatch(new RegExp(`nine: the client certificate ${folder}/9\\.pem expires in (?:19|20) days, on `))
    const asked = new Set(tls.log().map((line) => line.replace(/ .*rhel(\d).*/, ' $1')))
    expect([...asked].sort()).toEqual(['CN=8 6', 'CN=8 8', 'CN=9 9'])
  },
)
