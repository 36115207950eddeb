import type { BadInput } from './badInputs.ts'
import { refuses } from './refuses.ts'

const reasons: Record<number, string> = {
  401: 'HTTP status 401 (the upstream wants credentials)',
  403: 'HTTP status 403 (forbidden)',
  404: 'HTTP status 404 (not found)',
  410: 'HTTP status 410 (gone)',
  416: 'HTTP status 416 for a range that does not fit',
  500: 'HTTP status 500 (error of the upstream) (after 2 attempts)',
  502: 'HTTP status 502 (error of a proxy before the upstream) (after 2 attempts)',
  503: 'HTTP status 503 (the upstream is unavailable) (after 2 attempts)',
  504: 'HTTP status 504 (a proxy waited for the upstream in vain) (after 2 attempts)',
}

const beta = 'Packages/b/beta-2.0-1.x86_64.rpm'

function status(status: number, path: string | RegExp): Pick<BadInput, 'spoil'> {
  return { spoil: ({ rule }) => rule(path, { kind: 'status', status }) }
}

refuses({
  'U12: an upstream that answers with an error': [
    ...[401, 403, 404, 410, 500, 502, 503, 504].map((code) => ({
      what: `${code} on repomd.xml`,
      ...status(code, 'repodata/repomd.xml'),
      line: `E_HTTP REPO: Cannot fetch URLrepodata/repomd.xml: ${reasons[code]}`,
    })),
    ...['primary', 'filelists', 'other'].flatMap((type) =>
      [403, 404, 500].map((code) => ({
        what: `${code} on ${type}`,
        ...status(code, new RegExp(type)),
        line: `E_HTTP REPO: Cannot fetch ${type} from URLrepodata/HEX-${type}.xml.gz: ${reasons[code]}`,
      })),
    ),
    ...[401, 403, 404, 410, 500].map((code) => ({
      what: `${code} on one package`,
      ...status(code, beta),
      line: `E_HTTP REPO: Cannot fetch beta-2.0-1.x86_64 from URL${beta}: ${reasons[code]}`,
    })),
    {
      what: '404 on all packages, each of which is named',
      ...status(404, /\.rpm$/),
      line: /^E_HTTP REPO: Cannot fetch (?<first>\S+) from URLPackages\S+: HTTP status 404 \(not found\); 2 other files failed too: (?!\k<first>)(?:(?:alpha|beta|gamma)-2\.0-1\.\w+(?:, |(?=;))){2}/,
    },
    {
      what: '403 on primary and 404 on filelists',
      spoil({ rule }) {
        rule(/primary/, { kind: 'status', status: 403 })
        rule(/filelists/, { kind: 'status', status: 404 })
      },
      line: `E_HTTP REPO: Cannot fetch filelists from URLrepodata/HEX-filelists.xml.gz: ${reasons[404]}; 1 other files failed too: primary`,
    },
    {
      what: '404 on comps, which would be carried',
      repository: { records: [{ type: 'group', name: 'comps.xml', body: '<comps/>' }] },
      ...status(404, /comps/),
      line: `E_HTTP REPO: Cannot fetch group from URLrepodata/HEX-comps.xml: ${reasons[404]}`,
    },
  ],
})
