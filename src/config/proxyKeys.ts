import { list, scalar } from './keys.ts'
import { line, type Unit, yesNo } from './units.ts'

const url: Unit<string> = {
  ...line('a proxy', 'write http://host:port, https://host:port, socks5://host:port, or no'),
  isSecret: true,
}
const username = line('a user name', 'write one line of text')
const password: Unit<string> = { ...line('one line of text', ''), isSecret: true }
const place = line('the place of a secret', 'write the path of a file, env:NAME or credential:NAME')
const file = line('a file', 'write the path of a PEM file')
const host = line('a host', 'write names such as .example.org, addresses, networks such as 10.0.0.0/8, or *')

/** dnf's `proxy_auth_method`, as far as it is built. */
const method: Unit<'any' | 'basic' | 'none'> = {
  is: 'any, basic or none',
  write: 'digest, NTLM and negotiate are not supported; let the proxy take basic, or this host without a name',
  read: (text) => (['any', 'basic', 'none'] as const).find((word) => word === text.toLowerCase()),
}

/** Keys that say by which way an upstream is reached. */
export const proxyKeys = {
  proxy: scalar(url),
  no_proxy: list(host),
  proxy_username: scalar(username),
  proxy_password: scalar(password),
  proxy_password_file: scalar(place),
  proxy_auth_method: scalar(method),
  proxy_sslverify: scalar(yesNo),
  proxy_sslcacert: scalar(file),
  proxy_sslclientcert: scalar(file),
  proxy_sslclientkey: scalar(file),
}
