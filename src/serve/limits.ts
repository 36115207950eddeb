/** What one client may take from the server, each by name; the defaults suit a public mirror. */
export interface Limits {
  /** A request must have arrived whole, its ignored body included, within this time (ms). */
  headersTimeoutMs: number
  /** A connection on which no byte moved for this long is cut (ms): the client that asks and then never reads. */
  idleMs: number
  /** How long a connection may wait for its next request (ms). */
  keepAliveMs: number
  /** Connections at once; one more is closed unanswered. */
  maxConnections: number
  /** The longest request target (bytes); a longer one is answered 414. */
  urlBytes: number
  /** All header fields of one request (bytes); more are answered 431. */
  headerBytes: number
  /** A folder with more entries is listed by name only, as each size and date costs a system call. */
  listingDetails: number
  /** How long running responses may go on after the server was told to stop (ms). */
  drainMs: number
}

/** The limits of a server that was given none. */
export const defaultLimits: Limits = {
  headersTimeoutMs: 10_000,
  idleMs: 60_000,
  keepAliveMs: 30_000,
  maxConnections: 8192,
  urlBytes: 8 * 1024,
  headerBytes: 16 * 1024,
  listingDetails: 5000,
  drainMs: 8000,
}
