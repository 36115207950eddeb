import { MirrorError } from '../../errors.ts'

/** A section of a batch file: its name and its keys. */
export type BatchSection = { name: string; keys: Map<string, string> }

/**
 * Reads modifyrepo_c's batch file, a GLib key file: sections in brackets, `key=value`, comments from a `#` at the
 * beginning of a line; a section that returns is continued, the last of equal keys counts.
 * @throws E_CONFIG naming the line
 */
export function readBatchfile(text: string, file: string): BatchSection[] {
  const sections = new Map<string, BatchSection>()
  let section: BatchSection | undefined
  for (const [i, line] of text.split('\n').entries()) {
    const said = line.trim()
    if (said === '' || said.startsWith('#')) continue
    const name = /^\[([^[\]]+)\]$/.exec(said)?.[1]
    const [, key, value] = /^([^=]*[^=\s])\s*=\s*(.*)$/.exec(said) ?? []
    if (name !== undefined) {
      section = sections.get(name) ?? { name, keys: new Map() }
      sections.set(name, section)
    } else if (section !== undefined && key !== undefined && value !== undefined)
      section.keys.set(key, unescaped(value))
    else throw new MirrorError('E_CONFIG', `${file}:${i + 1}: expected [file] or, below one, key=value; found ${said}`)
  }
  return [...sections.values()]
}

const escapes: Record<string, string> = { s: ' ', n: '\n', t: '\t', r: '\r', '\\': '\\' }

function unescaped(value: string): string {
  return value.replaceAll(/\\([sntr\\])/g, (_, letter: string) => escapes[letter] as string)
}
