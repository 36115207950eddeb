import { absolute } from './folders.ts'
import { type Block, written } from './layers.ts'
import type { Mistakes } from './mistakes.ts'
import type { Config } from './repo.ts'
import type { ConfigKeys } from './schema.ts'
import type { Substitute } from './substitute.ts'

type FileKey = 'tls_cert' | 'tls_key' | 'tls_client_ca' | 'htpasswd' | 'access_log'

/** To whom and how the tree is served. The files are looked at by whoever serves: only that user may read a key. */
export function servingOf(config: Block<ConfigKeys>, substitute: Substitute, mistakes: Mistakes): Config['serving'] {
  const { keys } = config
  const file = (key: FileKey) =>
    keys[key] === undefined ? undefined : absolute(written(config, key, keys[key]), substitute, mistakes)?.value
  const [cert, key, clientCa] = [file('tls_cert'), file('tls_key'), file('tls_client_ca')]
  const serving = {
    tls: cert === undefined || key === undefined ? undefined : { cert, key, clientCa },
    htpasswd: file('htpasswd'),
    allow: keys.allow,
    trustedProxies: keys.trusted_proxies,
    accessLog: keys.access_log === 'stdout' ? ('stdout' as const) : file('access_log'),
  }
  check(config, serving, mistakes)
  return serving
}

function check(config: Block<ConfigKeys>, { tls, htpasswd, ...serving }: Config['serving'], mistakes: Mistakes): void {
  const { tls_cert: cert, tls_key: key, tls_client_ca: ca, listen } = config.keys
  if ((cert === undefined) !== (key === undefined)) {
    const [given, missing] = cert === undefined ? ['tls_key', 'tls_cert'] : ['tls_cert', 'tls_key']
    mistakes.about(written(config, given, ''), 'TLS needs both a certificate and its key', `write ${missing}: too`)
  } else if (ca !== undefined && tls === undefined) {
    const place = written(config, 'tls_client_ca', ca)
    mistakes.about(place, "clients' certificates come with TLS only", 'write tls_cert: and tls_key: too')
  }
  if (htpasswd === undefined || tls !== undefined || serving.trustedProxies !== undefined) return
  if (isLoopback(listen?.host ?? '127.0.0.1')) return
  const { place } = written(config, 'htpasswd', htpasswd)
  mistakes.warn(place, 'htpasswd: without tls_cert: passwords can be read on their way')
}

/** An address that only this host reaches. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}
