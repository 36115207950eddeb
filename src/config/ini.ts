import type { Mistakes, Place } from './mistakes.ts'
import { scalarText, type Tree } from './tree.ts'

/** A section of a .repo file: its name in brackets, and its keys. */
export type Section = { id: string; place: Place; keys: Map<string, Tree> }

/**
 * The sections of an INI file as libdnf's IniParser reads it: `=` only; comments (`#`, `;`) only in the first column;
 * an indented line goes on with the value above, so that no blank line or comment may stand between; a value in a pair
 * of quotes loses them; a section that returns is continued, and the last of equal keys counts.
 */
export function readIni(text: string, file: string, mistakes: Mistakes): Section[] {
  const sections = new Map<string, Section>()
  let section: Section | undefined
  let value: Tree | undefined
  for (const [i, line] of text.split('\n').entries()) {
    const place = { file, line: i + 1, column: line.search(/\S|$/) + 1 }
    const indented = /^\s/.test(line)
    if (/^\s*\[/.test(line)) {
      value = undefined
      section = openSection(line, place, sections, mistakes)
    } else if (indented && value !== undefined) {
      value.value = `${scalarText(value)}\n${line.trim()}`
    } else if (line.trim() === '' || /^[#;]/.test(line)) {
      value = undefined
    } else if (section === undefined) {
      mistakes.add(place, 'a line before the first section', 'begin with the id in brackets, such as [epel]')
    } else if (indented) {
      mistakes.add(place, 'an indented line with no value just above to go on with', 'begin it in the first column')
    } else {
      value = readKey(line, place, section, mistakes)
    }
  }
  for (const { keys } of sections.values()) for (const key of keys.values()) key.value = unquoted(scalarText(key))
  return [...sections.values()]
}

/** After the bracket only a comment may follow; without an id the keys below are read for nothing. */
function openSection(line: string, place: Place, sections: Map<string, Section>, mistakes: Mistakes): Section {
  const [, id = ''] = /^\s*\[([^\]]+)\]\s*(?:[#;].*)?$/.exec(line) ?? []
  if (id === '') mistakes.add(place, 'this is no section', 'write the id in brackets, such as [epel]')
  const section = sections.get(id) ?? { id, place, keys: new Map() }
  if (id !== '') sections.set(id, section)
  return section
}

function readKey(line: string, place: Place, { keys }: Section, mistakes: Mistakes): Tree | undefined {
  const [, key = '', gap = '', rest = ''] = /^([^=]*)=(\s*)(.*)$/s.exec(line) ?? []
  const name = key.trim()
  if (name === '') {
    mistakes.add(place, 'this is no key with a value', 'write key=value')
    return undefined
  }
  const valuePlace = { ...place, column: key.length + gap.length + 2 }
  const tree = { value: rest.trim(), place: valuePlace, keyPlace: place, within: new Map() }
  keys.set(name, tree)
  return tree
}

function unquoted(value: string): string {
  const text = value.trimEnd()
  return text.length > 1 && /^["']/.test(text) && text.at(-1) === text[0] ? text.slice(1, -1) : text
}
