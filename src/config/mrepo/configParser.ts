import type { Mistakes, Place } from '../mistakes.ts'

/** An option of a section: its name in lower case, its value as it is before interpolation, and where it begins. */
export type Option = { name: string; value: string; place: Place }

export type Section = { name: string; place: Place; options: Map<string, Option> }

/** A file's sections in their order, what [DEFAULT] gives to all of them, and options that a later line of the file undoes. */
export type Parsed = { sections: Section[]; defaults: Map<string, Option>; undone: Option[] }

const header = /^\[([^\]]+)\]/
const option = /^([^:=\s][^:=]*?)\s*[:=]\s*(.*)$/

/**
 * Reads a file as Python 2's ConfigParser does (Lib/ConfigParser.py, `_read`), which is mrepo's reader: `=` or `:` after a
 * name, whose case does not count; lines that begin with `#`, `;` or REM are comments, and so is what follows a `;` behind
 * white space; an indented line goes on with the value above, over blank lines and comments; a section that returns is
 * continued.
 */
export function readConfigParser(text: string, file: string, mistakes: Mistakes): Parsed {
  const parsed: Parsed = { sections: [], defaults: new Map(), undone: [] }
  let section: Section | undefined
  let last: Option | undefined
  for (const [i, whole] of text.split('\n').entries()) {
    const line = whole.replace(/\r$/, '')
    const place = { file, line: i + 1, column: 1 }
    if (line.trim() === '' || /^[#;]|^rem(?:\s|$)/i.test(line)) continue
    if (/^\s/.test(line) && last !== undefined) {
      last.value += `\n${line.trim()}`
      continue
    }
    const [, name] = header.exec(line) ?? []
    if (name !== undefined) {
      section = openSection(name, place, parsed)
      last = undefined
    } else if (section === undefined) mistakes.add(place, 'a line before the first section', 'begin with [main]')
    else last = readOption(line, place, section, parsed, mistakes) ?? last
  }
  return parsed
}

function openSection(name: string, place: Place, { sections, defaults }: Parsed): Section {
  if (name === 'DEFAULT') return { name, place, options: defaults }
  const known = sections.find((one) => one.name === name)
  if (known !== undefined) return known
  const section = { name, place, options: new Map() }
  sections.push(section)
  return section
}

function readOption(
  line: string,
  place: Place,
  { options }: Section,
  { undone }: Parsed,
  mistakes: Mistakes,
): Option | undefined {
  const [, written, rest = ''] = option.exec(line) ?? []
  if (written === undefined) {
    mistakes.add(place, 'this is no option with a value', 'write name = value')
    return undefined
  }
  const name = written.toLowerCase()
  const before = options.get(name)
  if (before !== undefined) undone.push(before)
  const value = rest.replace(/^([^;]*\s);.*$/, '$1').trim()
  const found = { name, value: value === '""' ? '' : value, place }
  options.set(name, found)
  return found
}

/** How often a value may name others that name others (Lib/ConfigParser.py, MAX_INTERPOLATION_DEPTH). */
const maxDepth = 10

/**
 * The value with `%(name)s` replaced by the options of its section and of [DEFAULT]; undefined where one is not there, or
 * a `%` is left over. A value without any `%(` is as it is.
 */
export function interpolated(value: string, options: ReadonlyMap<string, Option>): string | undefined {
  let text = value
  for (let depth = 0; text.includes('%('); depth++) {
    let isWhole = depth < maxDepth
    text = text.replaceAll(/%(?:\(([^)]*)\)s|(%)|)/g, (_, name: string | undefined, percent: string | undefined) => {
      const found = percent ?? (name === undefined ? undefined : options.get(name.toLowerCase())?.value)
      if (found === undefined) isWhole = false
      return found ?? ''
    })
    if (!isWhole) return undefined
  }
  return text
}
