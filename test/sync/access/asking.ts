import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { type Authority, makeAuthority } from '../../helpers/authority.ts'
import { type MirrorResult, makeSite, runMirror, type Site } from '../../helpers/mirror.ts'
import { type Nginx, startNginx } from '../../helpers/nginx.ts'
import { makeRepository } from '../../helpers/repository.ts'

/** A site, and the real nginx in front of one repository, which it gives to nobody who is not known to it. */
export interface Asking extends AsyncDisposable {
  site: Site
  authority: Authority
  /** Asks by `/basic/`, `/bearer/`, `/header/` and `/token/`. */
  plain: Nginx
  /** Asks for a certificate of the authority. */
  tls: Nginx
  /** Publishes another version upstream. */
  moveOn: (version: string) => Promise<void>
  mirror: (...args: string[]) => Promise<MirrorResult>
}

/** What each asks for. */
export const secrets = {
  password: 'canary:p%40ss wörd',
  bearer: 'canary.bearer',
  header: 'canary-header',
  token: 'canary=1~exp=2',
}

export async function startAsking(): Promise<Asking> {
  const authority = makeAuthority()
  const site = await makeSite()
  const moveOn = (version: string) =>
    makeRepository(site.path('upstream'), [{ name: 'alpha', version }, { name: 'beta' }], { clean: true })
  await moveOn('1.0')
  for (const name of ['plain', 'tls']) mkdirSync(site.path(name))
  const hash = execFileSync('openssl', ['passwd', '-apr1', secrets.password], { encoding: 'utf8' }).trim()
  writeFileSync(site.path('htpasswd'), `me:${hash}\n`)
  const format = '$status $request_uri [$http_authorization] [$http_x_team]'
  const plain = await startNginx(site.path('plain'), locations(site), { format })
  const server = authority.sign('server')
  const lines = [
    `ssl_certificate ${server.cert}; ssl_certificate_key ${server.key};`,
    `ssl_client_certificate ${authority.ca}; ssl_verify_client on;`,
    `location / { root ${site.dir}; }`,
    `location ~ ^/content/dist/rhel(8|9)/9/x86_64/os/(.*) { alias ${site.path('upstream')}/$2; }`,
    'location /content/dist/rhel6/ { return 403; }',
  ]
  const tls = await startNginx(site.path('tls'), lines, { tls: true, format: '$ssl_client_s_dn $request_uri' })
  return {
    site,
    authority,
    plain,
    tls,
    moveOn,
    mirror: (...args) => runMirror([...args, '-c', site.configFile], { env: { UPSTREAM_PASSWORD: secrets.password } }),
    async [Symbol.asyncDispose]() {
      await plain[Symbol.asyncDispose]()
      await tls[Symbol.asyncDispose]()
      await site[Symbol.asyncDispose]()
    },
  }
}

function locations(site: Site): string[] {
  const alias = `alias ${site.path('upstream')}/;`
  const unless = (condition: string, status: number) => `if (${condition}) { return ${status}; }`
  return [
    `location /basic/ { ${alias} auth_basic x; auth_basic_user_file ${site.path('htpasswd')}; }`,
    `location /bearer/ { ${unless(`$http_authorization != "Bearer ${secrets.bearer}"`, 401)} ${alias} }`,
    `location /header/ { ${unless(`$http_x_team != "${secrets.header}"`, 403)} ${alias} }`,
    `location /token/ { ${unless(`$args != "${secrets.token}"`, 403)} ${alias} }`,
  ]
}
