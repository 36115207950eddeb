import { join } from 'node:path'
import { absolute, type Folders } from './folders.ts'
import { type Block, written } from './layers.ts'
import { type Mistakes, quoted } from './mistakes.ts'
import type { Config } from './repo.ts'
import type { ConfigKeys } from './schema.ts'
import { isLoopback } from './serving.ts'
import type { Substitute } from './substitute.ts'

/** How the daemon is talked to: a socket beside the state, and on TCP only with a token and, beyond this host, TLS. */
export function adminOf(
  config: Block<ConfigKeys>,
  folders: Folders | undefined,
  substitute: Substitute,
  mistakes: Mistakes,
): Config['admin'] {
  const { keys } = config
  const file = (key: 'admin_socket' | 'admin_token_file' | 'admin_tls_cert' | 'admin_tls_key') =>
    keys[key] === undefined ? undefined : absolute(written(config, key, keys[key]), substitute, mistakes)?.value
  const admin = {
    socket: file('admin_socket') ?? join(folders?.state ?? '', 'admin.sock'),
    listen: keys.admin_listen,
    tokenFile: file('admin_token_file'),
    tlsCert: file('admin_tls_cert'),
    tlsKey: file('admin_tls_key'),
  }
  check(config, admin, mistakes)
  return admin
}

/** A unix socket's path has to fit into sockaddr_un (unix(7)). */
const longestSocket = 107

function check(config: Block<ConfigKeys>, admin: Config['admin'], mistakes: Mistakes): void {
  const { socket, listen, tokenFile, tlsCert, tlsKey } = admin
  if (Buffer.byteLength(socket) > longestSocket)
    mistakes.about(
      written(config, 'admin_socket', socket),
      `the admin socket's path ${quoted(socket)} is longer than ${longestSocket} bytes`,
      'write admin_socket: and a shorter one, such as /run/mirror/admin.sock',
    )
  if (listen === undefined) return
  const place = written(config, 'admin_listen', listen)
  if (tokenFile === undefined)
    mistakes.about(place, 'whoever reaches it could do everything', 'write admin_token_file: too')
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    mistakes.about(place, 'TLS needs both a certificate and its key', 'write admin_tls_cert: and admin_tls_key:')
  else if (tlsCert === undefined && !isLoopback(listen.host))
    mistakes.about(
      place,
      `the token could be read on its way to ${listen.host}`,
      'write admin_tls_cert: and admin_tls_key:, or listen on 127.0.0.1 only',
    )
}
