import type { IncomingHttpHeaders } from 'node:http'
import type { Validators } from './validators.ts'

/**
 * Whether a GET or HEAD is to be answered (200), has been answered before (304) or must not be (412), in the order of
 * RFC 9110 13.2.2. An If-None-Match makes If-Modified-Since void: two files may share a second, never a strong tag.
 */
export function precondition(headers: IncomingHttpHeaders, { etag, modified }: Validators): 200 | 304 | 412 {
  const ifMatch = headers['if-match']
  if (ifMatch !== undefined && !listed(ifMatch, etag, strong)) return 412
  const unmodifiedSince = ifMatch === undefined ? parseDate(headers['if-unmodified-since']) : undefined
  if (unmodifiedSince !== undefined && !(modified !== undefined && modified <= unmodifiedSince)) return 412
  const ifNoneMatch = headers['if-none-match']
  if (ifNoneMatch !== undefined) return listed(ifNoneMatch, etag, weak) ? 304 : 200
  const modifiedSince = parseDate(headers['if-modified-since'])
  return modifiedSince !== undefined && modified !== undefined && modified <= modifiedSince ? 304 : 200
}

/** Whether a Range may be obeyed: without If-Range always, else if its tag or date is exactly the file's (13.1.5). */
export function rangeApplies(headers: IncomingHttpHeaders, { etag, modified }: Validators): boolean {
  const ifRange = headers['if-range']
  if (ifRange === undefined) return true
  if (typeof ifRange !== 'string') return false
  return ifRange.includes('"') ? ifRange.trim() === etag : modified !== undefined && parseDate(ifRange) === modified
}

/** An HTTP date of whole seconds since 1970, as Last-Modified carries it. */
export function formatDate(seconds: number): string {
  return new Date(seconds * 1000).toUTCString()
}

/** Only the form that is still generated (IMF-fixdate); an older or broken date counts as none, which sends the file. */
function parseDate(text: string | undefined): number | undefined {
  if (text === undefined || !imfFixdate.test(text)) return undefined
  const milliseconds = Date.parse(text)
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000
}

const imfFixdate = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/

const entityTag = /(?:W\/)?"[\u0021\u0023-\u007e\u0080-\u00ff]*"/g

const strong = (theirs: string, ours: string): boolean => theirs === ours
const weak = (theirs: string, ours: string): boolean => theirs.replace(/^W\//, '') === ours

function listed(list: string, etag: string, same: typeof strong): boolean {
  return list.trim() === '*' || (list.match(entityTag) ?? []).some((tag) => same(tag, etag))
}
