import type { AccessEntry } from './answer.ts'

/** A line in the combined format of Apache and nginx, with its end. */
export function combinedLine(entry: AccessEntry): string {
  const { remote, user, time, method, target, httpVersion, status, bytes, referer, userAgent } = entry
  const request = `${method} ${target} HTTP/${httpVersion}`
  const asked = `${field(remote)} - ${field(user?.replaceAll(' ', '_'))} [${timeText(time)}] "${escaped(request)}" ${status} ${bytes}`
  return `${asked} "${field(referer)}" "${field(userAgent)}"\n`
}

function field(text: string | undefined): string {
  return text === undefined || text === '' ? '-' : escaped(text)
}

/** As nginx does: nothing that a client sent can end the field or the line, or reach a terminal. */
function escaped(text: string): string {
  return text.replaceAll(/["\\]|[^ -~]/g, (character) => {
    const bytes = character.charCodeAt(0) < 256 ? Buffer.from(character, 'latin1') : Buffer.from(character)
    return [...bytes].map((byte) => `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')
  })
}

let last = { second: 0, text: '' }

/** `22/Nov/2026:21:57:05 +0100`, in the time zone of the host; made once a second. */
function timeText(time: Date): string {
  const second = Math.floor(time.getTime() / 1000)
  if (second !== last.second) last = { second, text: formatted(time) }
  return last.text
}

function formatted(time: Date): string {
  const [, month, day, year, clock, offset] =
    /^\w+ (\w+) (\d+) (\d+) ([\d:]+) GMT([+-]\d{4})/.exec(time.toString()) ?? []
  return `${day}/${month}/${year}:${clock} ${offset}`
}
