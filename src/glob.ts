type Accepts = (code: number) => boolean

/** A literal character as its code point, `?` or `[...]` as what it accepts, or `*`. */
type Token = number | Accepts | typeof star

const star = Symbol('*')

/**
 * Compiles a pattern with the meaning of `fnmatch(3)` without flags, as libdnf calls it: `*`, `?`, `[a-z]`, `[!a]`, `[^a]`,
 * `[[:digit:]]` and `\` before a character that is meant literally; `*` matches `/` and a leading dot too. Upper and lower case
 * differ, ranges go by code point, a `[` that is never closed is a literal one, a `\` at the very end matches nothing.
 * Collating elements (`[.a.]`, `[=a=]`) are not known.
 *
 * Matching takes at most text length x pattern length steps: after a mismatch only the last `*` is tried again.
 */
export function globMatcher(pattern: string): (text: string) => boolean {
  if (!/[*?[\\]/.test(pattern)) return (text) => text === pattern
  const tokens = compile(pattern)
  return tokens === undefined ? () => false : (text) => matches(tokens, text)
}

function matches(tokens: readonly Token[], text: string): boolean {
  let at = 0
  let next = 0
  let afterStar = -1
  let starEnd = 0
  while (at < text.length) {
    const token = tokens[next]
    if (token === star) {
      afterStar = ++next
      starEnd = at
    } else if (token !== undefined && accepts(token, text.codePointAt(at)!)) {
      at += width(text, at)
      next++
    } else if (afterStar >= 0) {
      at = ++starEnd
      next = afterStar
    } else {
      return false
    }
  }
  while (tokens[next] === star) next++
  return next === tokens.length
}

function accepts(token: Exclude<Token, typeof star>, code: number): boolean {
  return typeof token === 'number' ? token === code : token(code)
}

/** UTF-16 units of the character at an index. */
function width(text: string, index: number): 1 | 2 {
  return text.codePointAt(index)! > 0xffff ? 2 : 1
}

/** The pattern's tokens, or undefined when no text can match it. */
function compile(pattern: string): Token[] | undefined {
  const tokens: Token[] = []
  const characters = Array.from(pattern)
  // Behind the last `]` nothing is closed: looking for it from each `[` would take the square of the length.
  const lastClose = characters.lastIndexOf(']')
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i]!
    const bracket = character === '[' && i < lastClose ? readBracket(characters, i + 1) : undefined
    if (bracket !== undefined) {
      tokens.push(bracket.accepts)
      i = bracket.end
    } else if (character === '*') {
      tokens.push(star)
    } else if (character === '?') {
      tokens.push(() => true)
    } else {
      if (character === '\\') i++
      if (i === characters.length) return undefined
      tokens.push(characters[i]!.codePointAt(0)!)
    }
  }
  return tokens
}

/** Reads a bracket expression from behind its `[`; `end` is the index of its `]`. Undefined when there is none. */
function readBracket(characters: readonly string[], from: number): { accepts: Accepts; end: number } | undefined {
  const negated = characters[from] === '!' || characters[from] === '^'
  const first = negated ? from + 1 : from
  const items: Accepts[] = []
  let i = first
  while (characters[i] !== ']' || i === first) {
    const item = readClass(characters, i) ?? readRange(characters, i)
    if (item === undefined) return undefined
    items.push(item.accepts)
    i = item.end
  }
  return { accepts: (code) => items.some((item) => item(code)) !== negated, end: i }
}

/** Reads `[:name:]`; `end` is the index behind it. Undefined when something else stands there. */
function readClass(characters: readonly string[], from: number): { accepts: Accepts; end: number } | undefined {
  if (characters[from] !== '[' || characters[from + 1] !== ':') return undefined
  const colon = characters.indexOf(':', from + 2)
  const name = characters.slice(from + 2, colon).join('')
  if (colon < 0 || characters[colon + 1] !== ']' || !Object.hasOwn(classes, name)) return undefined
  const set = classes[name]!
  return { accepts: (code) => code < 0x80 && set.test(String.fromCharCode(code)), end: colon + 2 }
}

/** Reads one character or a range of two; `end` is the index behind it. Undefined when the pattern ends within. */
function readRange(characters: readonly string[], from: number): { accepts: Accepts; end: number } | undefined {
  const low = readCharacter(characters, from)
  if (low === undefined) return undefined
  if (characters[low.end] !== '-' || characters[low.end + 1] === ']') {
    return { accepts: (code) => code === low.code, end: low.end }
  }
  const high = readCharacter(characters, low.end + 1)
  return high && { accepts: (code) => low.code <= code && code <= high.code, end: high.end }
}

function readCharacter(characters: readonly string[], from: number): { code: number; end: number } | undefined {
  const at = characters[from] === '\\' ? from + 1 : from
  const code = characters[at]?.codePointAt(0)
  return code === undefined ? undefined : { code, end: at + 1 }
}

/** The POSIX classes of ASCII; package names and versions have no other letters. */
const classes: Record<string, RegExp> = {
  alnum: /[A-Za-z0-9]/,
  alpha: /[A-Za-z]/,
  blank: /[ \t]/,
  cntrl: /\p{Cc}/u,
  digit: /[0-9]/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[ \t\n\v\f\r]/,
  upper: /[A-Z]/,
  xdigit: /[0-9A-Fa-f]/,
}
