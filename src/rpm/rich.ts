import type { Capability } from './capability.ts'
import { parseEvr } from './evr.ts'

/** What one package must provide all of, while it is none of those that provide `none`. */
export type Term = { all: Capability[]; none: Term[] }

/** How deep groups may nest; rpm's own specs use two or three. */
const maxDepth = 32

/**
 * The terms that a rich dependency may ask for (rpm, docs/manual/boolean_dependencies.md), whatever holds for a host:
 * both sides of `and` and `or`, what `if` and `unless` make of either case but not their conditions, both sides of `with` of
 * one package, and what is before `without` of one that is not behind it. It is what libsolv takes for providers of it
 * (src/pool.c, `pool_addrelproviders`). None for a text that is no rich dependency.
 */
export function richTerms(text: string): Term[] {
  const tokens = tokensOf(text)
  return tokens[0] === '(' ? (readGroup(tokens, { at: 1 }, 0) ?? []) : []
}

/** Names may have brackets of their own: `perl(Foo)`, `libc.so.6()(64bit)`. */
function tokensOf(text: string): string[] {
  const tokens: string[] = []
  for (let at = 0; at < text.length; ) {
    const char = text[at] as string
    if (/\s/.test(char)) at++
    else if (char === '(' || char === ')') {
      tokens.push(char)
      at++
    } else {
      const end = wordEnd(text, at)
      tokens.push(text.slice(at, end))
      at = end
    }
  }
  return tokens
}

function wordEnd(text: string, start: number): number {
  let open = 0
  let at = start
  for (; at < text.length; at++) {
    const char = text[at] as string
    if (open === 0 && /[\s)]/.test(char)) break
    if (char === '(') open++
    else if (char === ')') open--
  }
  return at
}

type Cursor = { at: number }

/** Reads behind a `(` to behind its `)`. */
function readGroup(tokens: readonly string[], cursor: Cursor, depth: number): Term[] | undefined {
  let terms = readOperand(tokens, cursor, depth)
  while (terms !== undefined && tokens[cursor.at] !== ')') {
    const operator = tokens[cursor.at++]
    const right = readOperand(tokens, cursor, depth)
    terms = right === undefined ? undefined : combined(terms, operator, right)
  }
  cursor.at++
  return terms
}

function combined(left: Term[], operator: string | undefined, right: Term[]): Term[] | undefined {
  switch (operator) {
    case 'and':
    case 'or':
    case 'else':
      return [...left, ...right]
    case 'with':
      return left.flatMap((one) => right.map((other) => both(one, other)))
    case 'without':
      return left.map(({ all, none }) => ({ all, none: [...none, ...right] }))
    case 'if':
    case 'unless':
      return left
    default:
      return undefined
  }
}

function both(one: Term, other: Term): Term {
  return { all: [...one.all, ...other.all], none: [...one.none, ...other.none] }
}

/** The term of a capability alone. */
export function termOf(capability: Capability): Term {
  return { all: [capability], none: [] }
}

/** Every capability that terms name. */
export function capabilitiesOf(terms: readonly Term[]): Capability[] {
  return terms.flatMap(({ all, none }) => [...all, ...capabilitiesOf(none)])
}

function readOperand(tokens: readonly string[], cursor: Cursor, depth: number): Term[] | undefined {
  const name = tokens[cursor.at++]
  if (name === undefined || name === ')' || depth === maxDepth) return undefined
  if (name === '(') return readGroup(tokens, cursor, depth + 1)
  const flags = relations[tokens[cursor.at] ?? '']
  if (flags === undefined) return [termOf({ name, flags, epoch: undefined, version: undefined, release: undefined })]
  const evr = tokens[cursor.at + 1]
  cursor.at += 2
  if (evr === undefined) return undefined
  const { epoch, version, release } = parseEvr(evr)
  return [termOf({ name, flags, epoch, version, release: release || undefined })]
}

const relations: Record<string, Capability['flags']> = { '<': 'LT', '<=': 'LE', '=': 'EQ', '>=': 'GE', '>': 'GT' }
