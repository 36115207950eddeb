import { listItems, type Unit } from './units.ts'

/** An option that is refused: the only values taken are those that ask for nothing. */
export type Refused = Unit<string> & { refused: true }

const no = /^(0|no|false|off)$/i

/** dnf's options whose meaning is not built yet: refused by name, never ignored (`sslverify=1`, `proxy=_none_` do pass). */
export const unbuilt = {
  sslverifystatus: refuse(no, 'leave it out: certificates are verified, whether they were revoked is not'),
}

function refuse(harmless: RegExp, write: string): Refused {
  return { is: 'not supported yet', write, refused: true, read: (text) => (harmless.test(text) ? text : undefined) }
}

/** dnf's and zypper's options that say how a client uses a repository: without meaning for a mirror of it. */
export const clientOnly: ReadonlySet<string> = new Set(
  listItems(`
    autorefresh bandwidth build_cache cachedir cost countme deltarpm deltarpm_percentage enabled_metadata enablegroups
    failovermethod keepalive keepcache keeppackages localpkg_gpgcheck mediaid metadata_expire mirrorlist_expire
    priority protected_packages service type ui_repoid_vars
  `),
)
