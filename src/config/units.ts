import { isIP } from 'node:net'

/**
 * How one kind of value is read from its source text: `read` gives undefined for what is not of the kind, `is` and
 * `write` say in a message what it is and, if that does not say it all, what to write.
 */
export type Unit<T> = {
  is: string
  write: string
  read: (text: string) => T | undefined
  /** Set where a message must not show what was found. */
  isSecret?: true
}

/** A whole number between two others, both allowed. */
export function count(least: number, most: number): Unit<number> {
  return {
    is: `a whole number from ${least} to ${most}`,
    write: '',
    read: (text) => (/^\d{1,9}$/.test(text) && +text >= least && +text <= most ? +text : undefined),
  }
}

const durations: Record<string, number> = { '': 1000, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** dnf's seconds with its units, in milliseconds: `30`, `30s`, `1.5h`, `90d`. */
export function duration(leastMs: number): Unit<number> {
  const range = leastMs === 0 ? '' : ' of 1 ms or more'
  return {
    is: `a duration${range}`,
    write: 'write seconds or a number with s, m, h or d, such as 30s, 72h or 90d',
    read: (text) => atLeast(leastMs, scaled(text, durations)),
  }
}

const sizes: Record<string, number> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 }

/** dnf's storage size, in bytes: `1000`, `1k` (1024), `10M`, `1.5G`. */
export function size(least: number): Unit<number> {
  return {
    is: `a size${least > 0 ? ` of ${least / 2 ** 20}M or more` : ''}`,
    write: 'write bytes or a number with k, M or G, such as 512M',
    read: (text) => atLeast(least, scaled(text, sizes)),
  }
}

function scaled(text: string, units: Record<string, number>): number | undefined {
  const [, number, unit] = /^(\d{1,15}(?:\.\d{1,9})?)([a-z]?)$/i.exec(text) ?? []
  const scale = unit === undefined ? undefined : units[unit.toLowerCase()]
  const value = scale === undefined ? Number.NaN : Math.round(Number(number) * scale)
  return Number.isSafeInteger(value) ? value : undefined
}

function atLeast(least: number, value: number | undefined): number | undefined {
  return value !== undefined && value >= least ? value : undefined
}

/** 0 to 100, with or without `%`. */
export const percent: Unit<number> = {
  is: '0% to 100%',
  write: '',
  read: (text) => count(0, 100).read(text.replace(/%$/, '')),
}

/** A build time in seconds since 1970, or the day on which it begins in UTC, as dnf5's `--min-buildtime` takes it. */
export const buildTime: Unit<number> = {
  is: 'a day or seconds since 1970',
  write: 'write such as 2024-01-31',
  read(text) {
    if (/^\d{1,12}$/.test(text)) return Number(text)
    const day = /^\d{4}-\d\d-\d\d$/.test(text) ? new Date(text) : undefined
    return day?.toJSON()?.startsWith(text) ? day.getTime() / 1000 : undefined
  },
}

/** dnf's booleans. */
export const yesNo: Unit<boolean> = {
  is: 'yes or no',
  write: '',
  read(text) {
    if (/^(1|yes|true|on)$/i.test(text)) return true
    return /^(0|no|false|off)$/i.test(text) ? false : undefined
  },
}

/** Whether dependencies are taken, too: those that packages require, or what they recommend besides. */
export const withDeps: Unit<'no' | 'required' | 'weak'> = {
  is: 'yes, no or weak',
  write: '',
  read(text) {
    if (text === 'weak') return text
    const yes = yesNo.read(text)
    return yes === undefined ? undefined : yes ? 'required' : 'no'
  },
}

/** One of a few words. */
export function oneOf<const Word extends string>(...words: Word[]): Unit<Word> {
  const all = `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
  return { is: all, write: '', read: (text) => words.find((word) => word === text) }
}

/** Any text but none at all, on one line, without control characters and up to 4096 characters long. */
export function line(is: string, write: string): Unit<string> {
  return { is, write, read: (text) => (/^\P{Cc}{1,4096}$/u.test(text) ? text : undefined) }
}

/** A variable's value, which may be empty: `${name:-default}` asks for that. */
export const variableValue: Unit<string> = {
  ...line('a value', 'write one line of text'),
  read: (text) => (/^\P{Cc}{0,4096}$/u.test(text) ? text : undefined),
}

/** `removed:` as written in the file, `keep 90d` in milliseconds. */
export const removed: Unit<{ policy: 'drop' } | { policy: 'keep'; forMs: number | undefined }> = {
  is: 'drop, keep or keep with a duration',
  write: 'write such as keep 90d',
  read(text) {
    if (text === 'drop') return { policy: 'drop' }
    if (text === 'keep') return { policy: 'keep', forMs: undefined }
    const forMs = duration(1).read(/^keep +(\S+)$/.exec(text)?.[1] ?? '')
    return forMs === undefined ? undefined : { policy: 'keep', forMs }
  },
}

/** A time zone by its name in the IANA database. */
export const timeZone: Unit<string> = {
  is: 'a time zone',
  write: 'write its name such as Europe/Berlin or UTC',
  read(text) {
    try {
      return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(text).timeZoneId
    } catch {
      return undefined
    }
  },
}

/** `host:port` with a name, an IPv4 address or an IPv6 address in brackets; port 0 takes any that is free. */
export const listen: Unit<{ host: string; port: number }> = {
  is: 'host:port',
  write: 'write such as 127.0.0.1:8080 or [::1]:8080',
  read(text) {
    const [, v6, host, digits = ''] = /^(?:\[([0-9a-f:.%]+)\]|([\w.-]+)):(\d+)$/i.exec(text) ?? []
    const port = count(0, 65_535).read(digits)
    const name = v6 ?? host
    return port === undefined || name === undefined ? undefined : { host: name, port }
  },
}

/** An IP address, or a network in CIDR notation. */
export const network: Unit<string> = {
  is: 'a network',
  write: 'write such as 192.0.2.0/24, 192.0.2.1 or 2001:db8::/32',
  read(text) {
    const [, address = '', prefix = '0'] = /^([0-9a-f:.]+)(?:\/(\d{1,3}))?$/i.exec(text) ?? []
    const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] as number
    return Number(prefix) <= bits ? text : undefined
  },
}

/** dnf's list in one string: separated by commas, spaces or lines. */
export function listItems(text: string): string[] {
  return text.split(/[\s,]+/).filter((item) => item !== '')
}
