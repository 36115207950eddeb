import { createHash } from 'node:crypto'

/** A version of repomd.xml as a metalink has it; seconds since the epoch. */
export interface Version {
  bytes: Buffer
  timestamp: number
  /** Default: those that MirrorManager writes. */
  algorithms?: string[]
}

/** What goes into a metalink; `urls` are those of repomd.xml, the preferred one first. */
export interface MetalinkSpec {
  current: Version
  alternates?: Version[]
  urls: string[]
  /** Default repomd.xml. */
  name?: string
}

/** Metalink 3.0 as MirrorManager writes it for https://mirrors.fedoraproject.org/metalink. */
export function metalinkXml({ current, alternates = [], urls, name = 'repomd.xml' }: MetalinkSpec): string {
  return `<?xml version="1.0" encoding="utf-8"?>
<metalink version="3.0" xmlns="http://www.metalinker.org/" type="dynamic" pubdate="Mon, 30 Nov 2026 12:00:00 GMT" generator="mirrormanager" xmlns:mm0="http://fedorahosted.org/mirrormanager">
 <files>
  <file name="${name}">
${versionXml(current, '   ')}
${alternates.length === 0 ? '' : `   <mm0:alternates>\n${alternates.map(alternateXml).join('\n')}\n   </mm0:alternates>`}
   <resources maxconnections="1">
${urls.map(urlXml).join('\n')}
   </resources>
  </file>
 </files>
</metalink>
`
}

function versionXml(
  { bytes, timestamp, algorithms = ['md5', 'sha1', 'sha256', 'sha512'] }: Version,
  indent: string,
): string {
  const hashes = algorithms.map(
    (type) => `${indent} <hash type="${type}">${createHash(type).update(bytes).digest('hex')}</hash>`,
  )
  return `${indent}<mm0:timestamp>${timestamp}</mm0:timestamp>
${indent}<size>${bytes.length}</size>
${indent}<verification>\n${hashes.join('\n')}\n${indent}</verification>`
}

function alternateXml(version: Version): string {
  return `    <mm0:alternate>\n${versionXml(version, '     ')}\n    </mm0:alternate>`
}

function urlXml(url: string, i: number): string {
  const protocol = url.slice(0, url.indexOf(':'))
  return `    <url protocol="${protocol}" type="${protocol}" location="DE" preference="${100 - i}">${url.replaceAll('&', '&amp;')}</url>`
}
