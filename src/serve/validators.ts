import type { BigIntStats } from 'node:fs'

/** What identifies the bytes of a response: a strong ETag with its quotes, and Last-Modified in whole seconds since 1970. */
export interface Validators {
  etag: string
  /** Absent while the file is so young that another one could still be published with the same date. */
  modified: number | undefined
}

/**
 * Whether a file's name changes when its content does: packages (the publisher never lets an href change its content;
 * `epel-release-latest-9.noarch.rpm`, which upstreams keep beside their repositories, is none of them) and metadata with a sha1, sha256 or sha512 before the name.
 */
export function isContentNamed(segments: readonly string[]): boolean {
  const name = segments.at(-1) ?? ''
  return (name.endsWith('.rpm') && !latest.test(name)) || (segments.at(-2) === 'repodata' && hashPrefix.test(name))
}

/** `immutable` where the name says it all; anything else (repomd.xml, its .asc, kickstart trees) is asked for again. */
export function cacheControl(segments: readonly string[]): string {
  return isContentNamed(segments) ? 'public, max-age=31536000, immutable' : 'no-cache'
}

/**
 * The validators of a file at the time `now` (ms).
 *
 * A file is published by renaming a new inode over the old one and never changed in place, so inode, size and times
 * tell two contents apart. ctime is among them because mtime is set to what upstream says, inode numbers come back
 * after a deletion, and ctime cannot be set. That a new hard link moves it costs a client one transfer, never a wrong byte.
 */
export function validators(segments: readonly string[], stats: BigIntStats, now: number): Validators {
  const sha256 = isContentNamed(segments) ? sha256Prefix.exec(segments.at(-1) ?? '')?.[1] : undefined
  const tag = sha256 ?? [stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].map((n) => n.toString(36)).join('-')
  const modified = isContentNamed(segments) ? seconds(stats.mtimeNs) : publishedBefore(stats, now)
  return { etag: `"${tag}"`, modified: modified === undefined || modified * 1000 > now ? undefined : modified }
}

/**
 * The first whole second after which these bytes stood under this name. zypper sends no ETag but the time of its
 * copy, and mtime (which upstream chose) can lie before it in a newer repomd.xml: by mtime it would be told 304.
 * Given out only a second later, when no other file can get the same date any more.
 */
function publishedBefore(stats: BigIntStats, now: number): number | undefined {
  const second = seconds(stats.ctimeNs) + 1
  return (second + 1) * 1000 <= now ? second : undefined
}

function seconds(nanoseconds: bigint): number {
  return Number(nanoseconds / 1_000_000_000n)
}

const latest = /-latest[-.]/
const hashPrefix = /^(?:[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})-/
const sha256Prefix = /^([0-9a-f]{64})-/
