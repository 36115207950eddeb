import type { Written } from './layers.ts'
import { type Mistakes, quoted } from './mistakes.ts'
import { nearest } from './suggest.ts'
import type { Variables } from './variables.ts'

/** A text with its variables replaced, or undefined after saying which of them has no value. */
export type Substitute = (text: Written<string>) => string | undefined

/** Substitution with these variables; what has no value is a mistake at the text's place. */
export function substituting(variables: Variables, mistakes: Mistakes): Substitute {
  return (item) => {
    const trouble = { missing: new Set<string>(), malformed: new Set<string>() }
    const text = substitute(item.value, variables, trouble)
    for (const name of trouble.missing) {
      mistakes.about(item, `$${name} is not defined`, () => howToDefine(name, variables))
    }
    for (const piece of trouble.malformed) {
      mistakes.about(item, `${quoted(piece)} is not a variable`, `write $name, \${name} or \${name:-default}`)
    }
    return trouble.missing.size + trouble.malformed.size === 0 ? text : undefined
  }
}

const dnfOwn = ['releasever', 'releasever_major', 'releasever_minor']

function howToDefine(name: string, variables: Variables): string {
  const meant = dnfOwn.includes(name) ? undefined : nearest(name, [...variables.keys(), ...dnfOwn])
  return meant === undefined ? `add vars: { ${name}: "..." } or write \${${name}:-default}` : `did you mean $${meant}?`
}

/** What stops a text from being substituted: names that are not defined, and a `${` that opens no variable. */
export type Trouble = { missing: Set<string>; malformed: Set<string> }

/**
 * The text with its variables replaced as dnf5 does it: `$name`, `${name}`, `${name:-default}`, `${name:+alternate}`,
 * nested in default and alternate, `\$` and `\}` for the characters themselves. dnf leaves standing what has no value;
 * here it becomes trouble.
 */
export function substitute(text: string, variables: Variables, trouble: Trouble): string {
  return expand({ text, variables, trouble, depth: 0 }, 0).value
}

type Source = { text: string; variables: Variables; trouble: Trouble; depth: number }
type Expanded = { value: string; end: number }

/** From an offset to the end, or in a default or alternate to the brace that closes it. */
function expand(source: Source, start: number): Expanded {
  const { text, depth } = source
  const plain = depth === 0 ? /(?:\\[$}]|[^$])+/y : /(?:\\[$}]|[^$}])+/y
  let value = ''
  let end = start
  while (end < text.length) {
    plain.lastIndex = end
    const next = text[end] === '$' ? variable(source, end) : plainText(plain, text)
    if (next === undefined) break
    value += next.value
    end = next.end
  }
  return { value, end }
}

function plainText(plain: RegExp, text: string): Expanded | undefined {
  const found = plain.exec(text)
  return found === null ? undefined : { value: found[0].replaceAll(/\\([$}])/g, '$1'), end: plain.lastIndex }
}

function variable(source: Source, start: number): Expanded {
  const { text, variables, trouble } = source
  const token = /\$(?:(\w+)|\{(\w+)(\}|:[-+]))/y
  token.lastIndex = start
  const [all, bare, braced, then] = token.exec(text) ?? []
  if (all === undefined) return notVariable(source, start)
  const name = (bare ?? braced) as string
  const value = variables.get(name)
  if (then === ':-' || then === ':+') return either(source, start, token.lastIndex, then === ':-', value)
  if (value === undefined) trouble.missing.add(name)
  return { value: value ?? '', end: token.lastIndex }
}

/** `${name:-default}` or `${name:+alternate}`: an empty variable counts as none; only what is used can lack a variable. */
function either(source: Source, start: number, inner: number, isDefault: boolean, value: string | undefined): Expanded {
  const isUsed = isDefault === !value
  const trouble = isUsed ? source.trouble : { missing: new Set<string>(), malformed: source.trouble.malformed }
  const depth = source.depth + 1
  const word = depth > 8 ? { value: '', end: source.text.length } : expand({ ...source, trouble, depth }, inner)
  if (source.text[word.end] !== '}') return notVariable(source, start)
  return { value: isUsed ? word.value : isDefault ? (value ?? '') : '', end: word.end + 1 }
}

/** A `$` before anything else stands for itself. */
function notVariable({ text, trouble }: Source, start: number): Expanded {
  if (text[start + 1] !== '{') return { value: '$', end: start + 1 }
  trouble.malformed.add(text.slice(start))
  return { value: '', end: text.length }
}
