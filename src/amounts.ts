/** Bytes for people: `1.2 GB`, in powers of ten as disks and networks are sold. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}

/** Seconds for people: `0.4 s`, `12 s`, `3:07`, `2:03:07`. */
export function durationText(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const padded = (value: number) => String(value).padStart(2, '0')
  return hours === 0 ? `${minutes}:${padded(rest)}` : `${hours}:${padded(minutes)}:${padded(rest)}`
}

/** A count with thousands apart: `17,649`. */
export function countText(count: number): string {
  // toLocaleString loads the world's number formats first, some 15 ms: a tenth of a run that finds nothing.
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',')
}

/** A count with what is counted: `1 file`, `2,000 files`. */
export function numberText(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`
}

/** `1 repository`, `2 repositories`. */
export function repositoriesText(count: number): string {
  return numberText(count, 'repository', 'repositories')
}

/** How long ago, in one unit: `4 min ago`. */
export function agoText(then: number, now = Date.now()): string {
  return `${spanText(now - then)} ago`
}

/** A span of time in one unit, from milliseconds: `4 min`. Less than none is none. */
export function spanText(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000))
  if (seconds < 90) return `${seconds} s`
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`
  if (seconds < 36 * 3600) return `${Math.round(seconds / 3600)} h`
  return `${Math.round(seconds / 86400)} d`
}
