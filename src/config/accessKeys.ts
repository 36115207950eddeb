import { list, scalar } from './keys.ts'
import { duration, line, network, oneOf, type Unit, yesNo } from './units.ts'

const file = line('a file', 'write the path of a PEM file')
const username = line('a user name', 'write one line of text')
const secret: Unit<string> = { ...line('one line of text', ''), isSecret: true }
const place = line('the place of a secret', 'write the path of a file, env:NAME or credential:NAME')

/** HTTP's own and those that a run needs: whoever sets these breaks what fetching relies on. */
const reserved =
  /^(?:host|connection|content-length|transfer-encoding|te|upgrade|accept-encoding|range|if-.*|user-agent|proxy-.*)$/i

/** `Name: value`, in printable ASCII. */
const headerLine: Unit<string> = {
  is: 'a header',
  write: 'write Name: value in printable ASCII; Host, Range, User-Agent and the like are not yours to set',
  isSecret: true,
  read: (text) => {
    const [, name] = /^([!#$%&'*+.^`|~\w-]{1,100}):\s*[ -~]{1,4000}$/.exec(text) ?? []
    return name === undefined || reserved.test(name) ? undefined : text
  },
}

const ipVersions: Record<string, 4 | 6 | 'any'> = { '4': 4, ipv4: 4, '6': 6, ipv6: 6, whatever: 'any' }

/** dnf's `ip_resolve`. */
const ipResolve: Unit<4 | 6 | 'any'> = {
  is: '4, 6 or whatever',
  write: '',
  read: (text) => ipVersions[text.toLowerCase()],
}

/** Keys that say who we are at an upstream and whom we believe to be it. */
export const accessKeys = {
  username: scalar(username),
  password: scalar(secret),
  password_file: scalar(place),
  bearer_token_file: scalar(place),
  http_headers: list(headerLine, (text) => [text]),
  sslverify: scalar(yesNo),
  sslcacert: scalar(file),
  sslclientcert: scalar(file),
  sslclientkey: scalar(file),
  entitlement: scalar(oneOf('no', 'auto')),
  entitlement_folder: scalar(line('a folder', 'write the path of a folder')),
  certificate_warning: scalar(duration(0)),
  ip_resolve: scalar(ipResolve),
  private_networks: list(network),
}
