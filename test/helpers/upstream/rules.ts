import type { Request } from './request.ts'

/** A misbehaviour. Where none says otherwise the rest of the reply is right, and the connection stays usable. */
export type Fault = Pause | ContentFault | ReplyFault | WireFault

/** Before anything is read or answered: a wait, or a hook, for instance to change the folder in the middle of a sync. */
export type Pause = { kind: 'hook'; before: (request: Request) => void | Promise<void> } | { kind: 'delay'; ms: number }

/** Another file content than the folder's; ranges and lengths are then those of this content, the ETag stays. */
export type ContentFault =
  /** Answers 200 even where the folder has no such file (the right body is then empty). */
  | { kind: 'replace'; body: Buffer | string | ((right: Buffer) => Buffer); contentType?: string }
  /** Content-Encoding: gzip, whatever the client accepts. */
  | { kind: 'gzip' }

/** Another status or other headers. */
export type ReplyFault =
  | { kind: 'status'; status: number; headers?: Record<string, string>; body?: string }
  /** Sets headers, or removes those that are null. */
  | { kind: 'headers'; set: Record<string, string | null> }
  /** Location is sent as it is given, without one there is none; a loop is the request's own path. */
  | { kind: 'redirect'; location?: string | ((request: Request) => string); status?: number }
  /** 304; matches only requests without If-None-Match and If-Modified-Since. */
  | { kind: 'notModified' }
  /** A wrong answer to a Range; matches only requests that have one. */
  | { kind: 'range'; answer: RangeAnswer }

/**
 * `wrongStart`: 206 from one byte earlier and saying so. `wrongTotal`: the total in Content-Range is one too large.
 * `otherContent`: the right Content-Range over other bytes. `whole`: 200. `unsatisfiable`: 416.
 * `multipart`: multipart/byteranges with one part. `noContentRange`: 206 without that header.
 */
export type RangeAnswer =
  | 'wrongStart'
  | 'wrongTotal'
  | 'otherContent'
  | 'whole'
  | 'unsatisfiable'
  | 'multipart'
  | 'noContentRange'

/** How a connection ends: `fin` as after a complete reply, `rst` as when the server dies. */
export type Ending = 'fin' | 'rst'

/** Broken on the connection itself. Numbers `after` count bytes of the body. */
export type WireFault =
  /** No reply at all: the connection ends (default rst) or stays open in silence. */
  | { kind: 'reset'; end?: Ending }
  | { kind: 'silence' }
  /** Headers and so many bytes (default 0), then silence. */
  | { kind: 'stall'; after?: number }
  | { kind: 'drip'; bytes: number; everyMs: number }
  /** The right Content-Length, but only so many bytes (default end fin). */
  | { kind: 'truncate'; after: number; end?: Ending }
  /** Transfer-Encoding: chunked, complete, or cut after so many bytes without the last chunk. */
  | { kind: 'chunked'; cutAfter?: number; end?: Ending }
  /** Neither Content-Length nor chunks, ended by FIN: complete, or cut after so many bytes. */
  | { kind: 'noLength'; cutAfter?: number }
  /** Content-Length differs from the body by so much; the body is sent whole, FIN follows if more was announced. */
  | { kind: 'wrongLength'; by: number }
  /** The body, then zeros for ever, announced as chunks, as 1 TiB, or not at all (default). */
  | { kind: 'endlessBody'; framing?: 'close' | 'chunked' | 'length' }
  | { kind: 'endlessHeaders' }
  /** Exactly these bytes as the whole reply, then FIN. */
  | { kind: 'raw'; bytes: Buffer | string }

/** Faults for a path. A string is the whole path without its query, with or without the leading slash. */
export interface Rule {
  path: RegExp | string
  /** Applies to the first so many matching requests; default: to all. */
  times?: number
  /** Several faults act together; at most one of them may be a wire fault. */
  fault: Fault | Fault[]
}

/** Finds the faults for each request: the first rule that matches and is not used up decides, alone. */
export function makeRuleBook(rules: Rule[]): (request: Request) => Fault[] {
  const used = new Map<Rule, number>()
  return (request) => {
    const rule = rules.find((rule) => (used.get(rule) ?? 0) < (rule.times ?? Infinity) && matches(rule, request))
    if (rule === undefined) return []
    used.set(rule, (used.get(rule) ?? 0) + 1)
    return faultsOf(rule)
  }
}

function matches(rule: Rule, request: Request): boolean {
  return matchesPath(rule.path, request.path) && faultsOf(rule).every((fault) => concerns(fault, request))
}

function matchesPath(wanted: RegExp | string, path: string): boolean {
  if (wanted instanceof RegExp) return path.search(wanted) >= 0
  return path.replace(/\?.*/, '').replace(/^\//, '') === wanted.replace(/^\//, '')
}

function concerns(fault: Fault, { headers }: Request): boolean {
  if (fault.kind === 'range') return headers.range !== undefined
  if (fault.kind === 'notModified') return !('if-none-match' in headers || 'if-modified-since' in headers)
  return true
}

function faultsOf(rule: Rule): Fault[] {
  return Array.isArray(rule.fault) ? rule.fault : [rule.fault]
}
