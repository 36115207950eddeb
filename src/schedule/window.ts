import type { Window } from '../config/paceKeys.ts'

/** When a time comes to lie in a window: at once where it does already, otherwise when the window opens next. */
export function within(window: Window | undefined, time: number, timeZone: string): number {
  if (window === undefined) return time
  const at = Temporal.Instant.fromEpochMilliseconds(time).toZonedDateTimeISO(timeZone)
  if (isOpen(window, at.hour * 60 + at.minute)) return time
  const opening = { hour: Math.floor(window.from / 60), minute: window.from % 60 }
  const today = at.toPlainDate().toZonedDateTime({ timeZone, plainTime: opening })
  const next = today.epochMilliseconds >= time ? today : today.add({ days: 1 })
  return next.epochMilliseconds
}

/** One that ends earlier than it begins goes on past midnight. */
function isOpen({ from, to }: Window, minute: number): boolean {
  return from < to ? from <= minute && minute < to : minute >= from || minute < to
}
