import type { Config } from '../config/repo.ts'
import { readUsers } from './htpasswd.ts'
import type { ServeOptions } from './server.ts'
import { secureContext } from './tls.ts'

/** What a configuration says of serving; `warn` is told what goes wrong later and fails no request. */
export function serveOptions({ root, listen, serving }: Config, warn: (message: string) => void) {
  return { root, listen, warn, ...serving } satisfies Partial<ServeOptions>
}

/** Looks at the files that serving needs as a start would; E_CONFIG says what is wrong with the first that is. */
export function checkFiles({ tls, htpasswd }: Config['serving']): void {
  if (tls !== undefined) secureContext(tls)
  if (htpasswd !== undefined) readUsers(htpasswd)
}
