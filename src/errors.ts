/** The closed set of error codes: what happened, for scripts, metrics and the README's troubleshooting table. */
export const codes = {
  E_ARCHIVE: 'an archive of an export that cannot be imported',
  E_BASE: 'an archive that follows another one, which was not imported',
  E_BUG: 'the program broke one of its own rules',
  E_BUSY: 'another process writes to this state',
  E_CHECKSUM: 'the bytes are not the ones that the metadata names',
  E_CONFIG: 'the configuration cannot be used',
  E_CONNECT: 'no connection to the upstream',
  E_CREDENTIALS: 'a password, token or certificate that cannot be used',
  E_DAMAGED: 'published or stored files are damaged and could not be repaired',
  E_ENCODING: 'the upstream encoded what it was asked to send as it is',
  E_FD: 'the limit of open files is reached',
  E_FORMAT: 'the compression is not the one announced, or broken',
  E_GATE: 'a gate of a channel refused a promotion',
  E_HASH: 'a digest is malformed or of an unknown kind',
  E_HTTP: 'the upstream answered with an error status',
  E_INTERRUPTED: 'stopped by a signal',
  E_IO: 'the file system refused',
  E_KEY: 'a file of OpenPGP keys that cannot be used',
  E_LAG: 'the mirrors lag behind what their list promises',
  E_LIMIT: 'a named limit was reached',
  E_LISTEN: 'the address cannot be listened on',
  E_METALINK: 'a metalink that cannot be used',
  E_MISMATCH: 'primary, filelists and other do not describe the same packages',
  E_MODULES: 'a modules document that clients would refuse',
  E_MOVING: 'the upstream changed on every try',
  E_NO_MIRROR: 'no mirror of the upstream can be used',
  E_NOSPC: 'no space, inodes or quota left',
  E_NEVRA: 'a signed package is another one than the metadata says',
  E_NOT_REPOMD: 'something other than a repomd.xml was sent in its place',
  E_OVERRUN: 'a run took longer than the time to the next one',
  E_PATH: 'a name or path that must not be used on disk',
  E_PRIMARY: 'a package in primary lacks something that it must have',
  E_PROXY: 'a proxy refuses what it is asked for',
  E_REDIRECT: 'a redirect that is not followed',
  E_REDIRECT_SCHEME: 'a redirect to where nothing is safe or nothing is served',
  E_REPOMD: 'repomd.xml lacks something that it must have',
  E_ROLLBACK: 'the upstream has an older repomd.xml than it had',
  E_ROOT: 'root or state is not what it was, or cannot hold a repository',
  E_RPM: 'a file that is no RPM, or a broken one',
  E_RPM_DIGEST: 'a package is not what its own digests say',
  E_RPM_SIG: 'a package without a good signature of a key that is trusted',
  E_SHRINK: 'the upstream lost most of its packages',
  E_SIG: 'metadata without a good signature of a key that is trusted',
  E_SIZE: 'the size is not the one that the metadata names',
  E_SLOW: 'the transfer stalled or was too slow',
  E_SSRF: 'an upstream leads to an address to which it may not send us',
  E_STATE_VERSION: 'the state was written by another version',
  E_TLS: 'the TLS connection was refused',
  E_TREEINFO: 'a treeinfo or extra_files.json that cannot be used',
  E_TRUNCATED: 'the body ended early',
  E_USAGE: 'the command line cannot be understood',
  E_WEAK_HASH: 'the metadata vouches with a weak digest only',
  E_WORKER: "a repository's own process ended early",
  E_XML: 'the XML is not well-formed or not of the expected kind',
} as const

export type Code = keyof typeof codes

/** Exit statuses of every verb, the worst wins in the order 2, 3, 1, 4. */
export const exit = {
  done: 0,
  failed: 1,
  usage: 2,
  busy: 3,
  degraded: 4,
  sigint: 130,
  sigpipe: 141,
  sigterm: 143,
} as const

/**
 * A failure that a person can act on: it is shown as one line, without a stack.
 * Anything else that is thrown is a bug and keeps its stack.
 */
export class MirrorError extends Error {
  readonly code: Code
  /** The repository that it concerns, set by whoever knows it. */
  repo: string | undefined
  /** The exit status that it asks for, where that is not its code's. */
  exitStatus: number | undefined

  constructor(code: Code, message: string, options?: { cause?: unknown; repo?: string }) {
    super(message, options)
    this.name = 'MirrorError'
    this.code = code
    this.repo = options?.repo
  }

  /** `E_CHECKSUM appstream: Cannot fetch ...`: the whole error on one line. */
  get line(): string {
    return oneLine(`${this.code}${this.repo === undefined ? '' : ` ${this.repo}`}: ${this.message}`)
  }
}

/** The exit status that an error alone asks for. */
export function exitStatus(error: unknown): number {
  if (!(error instanceof MirrorError)) return exit.failed
  return error.exitStatus ?? exitStatusOf(error.code)
}

/** The exit status that a code asks for. */
export function exitStatusOf(code: Code): number {
  if (code === 'E_CONFIG' || code === 'E_USAGE' || code === 'E_ROOT') return exit.usage
  return code === 'E_BUSY' ? exit.busy : exit.failed
}

/** An error as plain values, to be thrown in another process as what it was. */
export type PackedError = { code: Code | undefined; message: string; stack: string | undefined; repo?: string }

/** A MirrorError by its code, message and repository; a bug with its stack. */
export function packError(cause: unknown): PackedError {
  const error = fromSystem(cause)
  if (error instanceof MirrorError) {
    const { code, message, repo } = error
    return { code, message, stack: undefined, ...(repo !== undefined && { repo }) }
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  return { code: undefined, message, stack }
}

/** The error that was packed. */
export function unpackError({ code, message, stack, repo }: PackedError): Error {
  if (code !== undefined) return new MirrorError(code, message, repo === undefined ? {} : { repo })
  const bug = new Error(message)
  if (stack !== undefined) bug.stack = stack
  return bug
}

/** The text with control characters (and with them line breaks from outside) replaced, so that a log line stays one line. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
}

/**
 * A system call's error, or SQLite's about the disk, as a MirrorError that says what was tried and on which path;
 * others are returned as they are.
 */
export function fromSystem(error: unknown, action = actionOf(error)): unknown {
  if (error instanceof MirrorError) return error
  const code = isSystemError(error) ? error.code : errnoOfSqlite(error)
  if (code === undefined) return error
  const reason = systemReasons[code] ?? (error as Error).message
  return new MirrorError(systemCodes[code] ?? 'E_IO', `${action}: ${reason}`, { cause: error })
}

function actionOf(error: unknown): string {
  if (!isSystemError(error)) return "Cannot use the state's database"
  return ['Cannot', error.syscall, error.path].filter((part) => part !== undefined).join(' ')
}

/** The kernel's name for what SQLite's result code tells of the disk (sqlite.org/rescode.html); undefined for a bug. */
function errnoOfSqlite(error: unknown): string | undefined {
  const { code, errcode } = (error ?? {}) as { code?: unknown; errcode?: number }
  return code === 'ERR_SQLITE_ERROR' && errcode !== undefined ? sqliteErrnos[errcode & 0xff] : undefined
}

/** READONLY, IOERR, FULL, CANTOPEN. */
const sqliteErrnos: Record<number, string> = { 8: 'EROFS', 10: 'EIO', 13: 'ENOSPC', 14: 'CANTOPEN' }

export function isSystemError(error: unknown, ...codes: string[]): error is NodeJS.ErrnoException & { code: string } {
  if (!(error instanceof Error) || typeof (error as NodeJS.ErrnoException).code !== 'string') return false
  const { code, syscall } = error as NodeJS.ErrnoException
  return codes.length === 0 ? syscall !== undefined : codes.includes(code as string)
}

const systemCodes: Record<string, Code> = {
  ENOSPC: 'E_NOSPC',
  EDQUOT: 'E_NOSPC',
  EFBIG: 'E_NOSPC',
  EMFILE: 'E_FD',
  ENFILE: 'E_FD',
}

const systemReasons: Record<string, string> = {
  ENOSPC: 'no space or no inodes left on the device; free some and run again, finished downloads are kept',
  EDQUOT: 'disk quota exceeded; raise it and run again, finished downloads are kept',
  EFBIG: 'the file is larger than this process or file system may write',
  EMFILE: 'too many open files; raise LimitNOFILE= (ulimit -n) or lower max_parallel_downloads',
  ENFILE: 'too many open files in the whole system',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  ENOENT: 'no such file or directory',
  ENOTDIR: 'a part of the path is not a directory',
  EISDIR: 'it is a directory',
  EIO: 'input/output error of the device',
}
