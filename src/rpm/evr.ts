/** Epoch, version and release of a package; a missing epoch is `'0'`, a missing release `''`. */
export type Evr = { readonly epoch: string; readonly version: string; readonly release: string }

/** -1: the first is older, 0: they are equal, 1: the first is newer. */
export type Order = -1 | 0 | 1

// What `charCodeAt` has no value for: the end of a text. NUL cannot stand in XML, so it cannot be a version's character.
const end = 0
const tilde = 0x7e
const caret = 0x5e

/**
 * rpm's order of two versions, or of two releases (`rpmvercmp`): runs of digits compare as numbers of any length, runs of
 * ASCII letters as text, `~` is older than the end, `^` newer than the end but older than anything that follows it;
 * every other character only separates.
 */
export function compareVersions(a: string, b: string): Order {
  if (a === b) return 0
  let i = 0
  let j = 0
  for (;;) {
    i = skipSeparators(a, i)
    j = skipSeparators(b, j)
    const x = codeAt(a, i)
    const y = codeAt(b, j)
    if (x === tilde || y === tilde) {
      if (x !== y) return x === tilde ? -1 : 1
      i++
      j++
    } else if (x === caret || y === caret) {
      if (x !== y) return x === end || (x === caret && y !== end) ? -1 : 1
      i++
      j++
    } else if (x === end || y === end) {
      if (x === y) return 0
      return x === end ? -1 : 1
    } else {
      const isNumber = isDigit(x)
      if (isNumber !== isDigit(y)) return isNumber ? 1 : -1
      const iEnd = isNumber ? skipDigits(a, i) : skipLetters(a, i)
      const jEnd = isNumber ? skipDigits(b, j) : skipLetters(b, j)
      const order = isNumber ? compareNumbers(a, i, iEnd, b, j, jEnd) : compareTexts(a, i, iEnd, b, j, jEnd)
      if (order !== 0) return order
      i = iEnd
      j = jEnd
    }
  }
}

/** rpm's order of two packages of one name: epochs as numbers, then versions, then releases. */
export function compareEvr(a: Evr, b: Evr): Order {
  return compareVersions(a.epoch, b.epoch) || compareVersions(a.version, b.version) || compareReleases(a, b)
}

/** Reads `[epoch:]version[-release]` as rpm does: digits before the first `:` are the epoch, the last `-` starts the release. */
export function parseEvr(text: string): Evr {
  const colon = skipDigits(text, 0)
  const start = text.charAt(colon) === ':' ? colon + 1 : 0
  const epoch = start > 1 ? text.slice(0, colon) : '0'
  const dash = text.lastIndexOf('-')
  if (dash < start) return { epoch, version: text.slice(start), release: '' }
  return { epoch, version: text.slice(start, dash), release: text.slice(dash + 1) }
}

/** Writes `[epoch:]version[-release]`; an epoch of 0 and an empty release are left out. */
export function formatEvr({ epoch, version, release }: Evr): string {
  return `${epoch === '0' ? '' : `${epoch}:`}${version}${release === '' ? '' : `-${release}`}`
}

/** A missing release is older than any, also than one that starts with `~`. */
function compareReleases(a: Evr, b: Evr): Order {
  if (a.release === '' || b.release === '') return a.release === b.release ? 0 : a.release === '' ? -1 : 1
  return compareVersions(a.release, b.release)
}

function codeAt(text: string, index: number): number {
  return index < text.length ? text.charCodeAt(index) : end
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

function isLetter(code: number): boolean {
  const lower = code | 0x20
  return lower >= 0x61 && lower <= 0x7a
}

function skipSeparators(text: string, from: number): number {
  let i = from
  for (; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (isDigit(code) || isLetter(code) || code === tilde || code === caret) break
  }
  return i
}

function skipDigits(text: string, from: number): number {
  let i = from
  while (i < text.length && isDigit(text.charCodeAt(i))) i++
  return i
}

function skipLetters(text: string, from: number): number {
  let i = from
  while (i < text.length && isLetter(text.charCodeAt(i))) i++
  return i
}

function skipZeros(text: string, from: number, to: number): number {
  let i = from
  while (i < to && text.charCodeAt(i) === 0x30) i++
  return i
}

/** Digits as numbers without converting them: without leading zeros the longer is the larger. */
function compareNumbers(a: string, from: number, aEnd: number, b: string, bFrom: number, bEnd: number): Order {
  const i = skipZeros(a, from, aEnd)
  const j = skipZeros(b, bFrom, bEnd)
  if (aEnd - i !== bEnd - j) return aEnd - i < bEnd - j ? -1 : 1
  return compareTexts(a, i, aEnd, b, j, bEnd)
}

/** Characters as C's `strcmp` orders them: the first that differs decides, then the length. */
function compareTexts(a: string, from: number, aEnd: number, b: string, bFrom: number, bEnd: number): Order {
  let j = bFrom
  for (let i = from; i < aEnd && j < bEnd; i++, j++) {
    const difference = a.charCodeAt(i) - b.charCodeAt(j)
    if (difference !== 0) return difference < 0 ? -1 : 1
  }
  const difference = aEnd - from - (bEnd - bFrom)
  return difference === 0 ? 0 : difference < 0 ? -1 : 1
}
