import { readdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { isSystemError } from '../../errors.ts'
import type { Mistakes } from '../mistakes.ts'
import { readText } from '../text.ts'
import { interpolated, type Option, type Parsed, readConfigParser, type Section } from './configParser.ts'
import type { Notes } from './notes.ts'

/** A whole configuration of mrepo: [main] of its first file, the variables and the distributions of all. */
export type Read = {
  files: string[]
  main: ReadonlyMap<string, Option>
  variables: Map<string, string>
  dists: Section[]
}

/** Sections that are no distributions (mrepo, `Config.update`). */
const special = new Set(['main', 'repos', 'variables', 'vars'])

/**
 * Reads mrepo.conf, and the files `*.conf` of its `confdir` in the order of their names, each for itself: a [main] or
 * [DEFAULT] of theirs goes for nothing else (mrepo, `readconfig`).
 */
export async function readMrepo(file: string, notes: Notes, mistakes: Mistakes): Promise<Read> {
  const read: Read = { files: [], main: new Map(), variables: new Map(), dists: [] }
  const first = await readOne(resolve(file), read, notes, mistakes)
  read.main = first?.sections.find(({ name }) => name === 'main')?.options ?? new Map()
  const confdir = read.main.get('confdir')?.value ?? '/etc/mrepo.conf.d'
  for (const name of await confFiles(resolve(dirname(file), confdir))) await readOne(name, read, notes, mistakes, true)
  return read
}

async function confFiles(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder)
    return names
      .filter((name) => name.endsWith('.conf') && !name.startsWith('.'))
      .sort()
      .map((name) => join(folder, name))
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return []
    throw error
  }
}

async function readOne(
  file: string,
  read: Read,
  notes: Notes,
  mistakes: Mistakes,
  isExtra = false,
): Promise<Parsed | undefined> {
  const text = await readText({ file, place: { file }, called: 'the configuration of mrepo' }, mistakes)
  if (text === undefined) return undefined
  const parsed = readConfigParser(text, file, mistakes)
  read.files.push(file)
  for (const option of parsed.undone)
    notes.add(option, option.name, 'a later line of the section says it again, which counts')
  for (const section of parsed.sections) {
    const whole = { ...section, options: withDefaults(section, parsed, notes) }
    if (section.name === 'variables' || section.name === 'vars')
      for (const { name, value } of whole.options.values()) read.variables.set(name, value)
    else if (!special.has(section.name)) read.dists.push(whole)
    else if (section.name === 'repos' || isExtra)
      for (const option of section.options.values())
        notes.add(option, `[${section.name}] ${option.name}`, 'mrepo does not read it there')
    else section.options = whole.options
  }
  return parsed
}

/** The options of a section with those of [DEFAULT], interpolated. */
function withDefaults({ name, options }: Section, { defaults }: Parsed, notes: Notes): Map<string, Option> {
  const all = new Map([...defaults, ...options])
  const whole = new Map<string, Option>()
  for (const [key, option] of all) {
    const value = interpolated(option.value, all)
    if (value === undefined)
      notes.add(option, `[${name}] ${key}`, 'it has a %(name)s that is no option, at which mrepo stops; left out')
    else whole.set(key, { ...option, value })
  }
  return whole
}
