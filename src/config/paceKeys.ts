import { scalar } from './keys.ts'
import { percent, size, type Unit } from './units.ts'

/** Bytes per second, or a part of `bandwidth`; undefined in it for no limit. */
export type Throttle = { bytes: number } | { percent: number } | { unlimited: true }

/** dnf's `throttle`: bytes per second with its units, or a percentage; 0 is no limit. */
const throttle: Unit<Throttle> = {
  is: 'bytes per second or a percentage',
  write: 'write such as 10M, or 50% of bandwidth; 0 is no limit',
  read(text) {
    if (text.endsWith('%')) {
      const value = percent.read(text)
      return value === undefined ? undefined : value === 0 ? { unlimited: true } : { percent: value }
    }
    const bytes = size(0).read(text)
    return bytes === undefined ? undefined : bytes === 0 ? { unlimited: true } : { bytes }
  },
}

/** From a time of the day to another one, in minutes since midnight. */
export type Window = { from: number; to: number }

/** `22:00-06:00`, in the time zone of the schedule. */
const transferWindow: Unit<Window | 'no'> = {
  is: 'a window of time',
  write: 'write such as 22:00-06:00, or no',
  read(text) {
    if (/^(?:no|false|off)$/i.test(text)) return 'no'
    const [, ...digits] = /^([01]?\d|2[0-3]):([0-5]\d)-([01]?\d|2[0-4]):([0-5]\d)$/.exec(text.replaceAll(' ', '')) ?? []
    const [a, b, c, d] = digits.map(Number)
    if (a === undefined || b === undefined || c === undefined || d === undefined) return undefined
    const [from, to] = [a * 60 + b, c * 60 + d]
    return to > 1440 || from === to ? undefined : { from, to }
  },
}

/** Keys that spare a line and a host. */
export const paceKeys = { throttle: scalar(throttle), transfer_window: scalar(transferWindow) }
