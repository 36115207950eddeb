/** First and last byte, both included, as in Content-Range. */
export interface Range {
  start: number
  end: number
}

/**
 * A Range header against a size (RFC 9110 section 14): one range, `unsatisfiable`, or undefined where the header is to
 * be ignored, which is allowed for malformed and for several ranges.
 */
export function parseRange(header: string, size: number): Range | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header.replaceAll(' ', '')) ?? []
  if (first === '') return last === '' ? undefined : suffix(Number(last), size)
  if (last !== '' && Number(last) < Number(first)) return undefined
  if (Number(first) >= size) return 'unsatisfiable'
  return { start: Number(first), end: last === '' ? size - 1 : Math.min(Number(last), size - 1) }
}

function suffix(length: number, size: number): Range | 'unsatisfiable' {
  if (length === 0 || size === 0) return 'unsatisfiable'
  return { start: Math.max(0, size - length), end: size - 1 }
}

/** The value of Content-Range. */
export function contentRange({ start, end }: Range, total: number): string {
  return `bytes ${start}-${end}/${total}`
}
