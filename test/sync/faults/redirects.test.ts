import type { BadInput } from './badInputs.ts'
import { refuses } from './refuses.ts'

const beta = 'Packages/b/beta-2.0-1.x86_64.rpm'
const fetching = `REPO: Cannot fetch beta-2.0-1.x86_64 from URL${beta}`
const message = `E_REDIRECT ${fetching}`
const repomd = 'repodata/repomd.xml'
const secluded = "a private address, and none of the repository's own; name it in private_networks if it is meant"

function to(what: string, location: string | undefined, reason: string, status = 302, code = 'E_REDIRECT'): BadInput {
  return {
    what,
    spoil: ({ rule }) => rule(beta, { kind: 'redirect', status, ...(location !== undefined && { location }) }),
    line: `${code} ${fetching}: ${reason}`,
  }
}

refuses(
  {
    'U9, U10, U11: a redirect that is not followed': [
      ...[
        'file:///etc/passwd',
        'ftp://127.0.0.1/x.rpm',
        'data:text/plain,x',
        'unix:/run/x.sock',
        'javascript:0',
        'blob:x',
      ].map((location) =>
        to(
          `to ${location}`,
          location,
          `a redirect from URL${beta} to ${new URL(location).protocol} is not followed`,
          302,
          'E_REDIRECT_SCHEME',
        ),
      ),
      to('without a Location', undefined, `a redirect from URL${beta} without a Location`),
      to('to an empty Location', '', `a redirect from URL${beta} without a Location`, 307),
      to('with a tab in it', '/a\tb', `a redirect from URL${beta} to a Location with control characters`, 301),
      to('with a space in it', '/a b', `a redirect from URL${beta} to a Location with control characters`),
      to('to what is no URL', 'http://[::1', `a redirect from URL${beta} to "http://[::1", which is no URL`, 308),
      ...(
        [
          [
            'http://169.254.169.254/latest/meta-data/',
            '169.254.169.254',
            "an address of the link or of a cloud's metadata",
          ],
          ['http://[::ffff:a9fe:a9fe]/x', '::ffff:a9fe:a9fe', "an address of the link or of a cloud's metadata"],
          ['http://10.0.0.1/x', '10.0.0.1', secluded],
          ['http://127.0.0.2:1/x', '127.0.0.2', secluded],
        ] as const
      ).map(([location, address, what]) =>
        to(
          `to ${location}`,
          location,
          `refused to connect to ${new URL(location).hostname.replace(/^\[|\]$/g, '')} -> ${address}: ${what}`,
          302,
          'E_SSRF',
        ),
      ),
      {
        what: 'with a delete character, which is no header value',
        spoil: ({ rule }) => rule(beta, { kind: 'redirect', location: '/a\u007fb' }),
        line: `E_HTTP REPO: Cannot fetch beta-2.0-1.x86_64 from URL${beta}: not HTTP: Response does not match the HTTP/1.1 protocol (Invalid header value char)`,
      },
      {
        what: 'to a port that nobody listens on',
        spoil: ({ rule }) => rule(beta, { kind: 'redirect', location: 'http://127.0.0.1:1/x' }),
        line: `E_CONNECT REPO: Cannot fetch beta-2.0-1.x86_64 from URL${beta}: connection refused (after 2 attempts)`,
      },
      {
        what: 'a package that redirects to itself',
        spoil: ({ rule }) => rule(beta, { kind: 'redirect', location: ({ path }) => path }),
        line: `${message}: more than 5 redirects: ${Array(6).fill(`URL${beta}`).join(' -> ')}`,
      },
      {
        what: 'a repomd.xml that redirects to itself',
        spoil: ({ rule }) => rule(repomd, { kind: 'redirect', location: ({ path }) => path }),
        line: `E_REDIRECT REPO: Cannot fetch URL${repomd}: more than 5 redirects: ${Array(6).fill(`URL${repomd}`).join(' -> ')}`,
      },
      {
        what: 'a repomd.xml that redirects to a file',
        spoil: ({ rule }) => rule(repomd, { kind: 'redirect', location: 'file:///etc/passwd' }),
        line: `E_REDIRECT_SCHEME REPO: Cannot fetch URL${repomd}: a redirect from URL${repomd} to file: is not followed`,
      },
      {
        what: 'a Location with a line break, which is the end of the header',
        spoil: ({ rule }) => rule(beta, { kind: 'redirect', location: 'file:///x\r\nX-Y: z' }),
        line: `E_REDIRECT_SCHEME ${fetching}: a redirect from URL${beta} to file: is not followed`,
      },
    ],
  },
  // None of these is about silence: a machine that is busy must not make a slow answer of any.
  { timeout: 30 },
)
