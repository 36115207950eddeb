import { unescapeXml } from '../xml/escape.ts'
import { withoutMarkup } from '../xml/markup.ts'
import { parseXml } from '../xml/parse.ts'
import { wholeOf } from './whole.ts'

/** The parser takes no larger document, in bytes; comps of whole distributions have some 2 MB. */
export const maxCompsBytes = 16 * 1024 * 1024

const member = /<(group|category|environment|langpacks)(?:\s[^>]*)?>[\s\S]*?<\/\1\s*>/g
const list = /<(packagelist|grouplist|optionlist)(?:\s[^>]*)?>([\s\S]*?)<\/\1\s*>/g
const entry = /<(packagereq|groupid)(?:\s[^>]*)?>([^<]*)<\/\1\s*>|<match\s[^>]*>/g

/**
 * One comps.xml of several: groups, categories and environments by their ids, with what any of the documents lists in
 * them; of everything else said of one the first document counts (as in yum's comps.py, `Comps.add_group`, and in dnf for
 * repositories apart).
 * @throws E_XML for what is no comps
 */
export function mergeComps(documents: readonly Buffer[]): Buffer {
  const merged = new Map<string, string>()
  for (const document of documents)
    for (const [element, kind = ''] of membersOf(document)) {
      const key = keyOf(element, kind)
      const first = merged.get(key)
      merged.set(key, first === undefined ? element : joined(first, element, kind))
    }
  const order = ['group', 'environment', 'category', 'langpacks']
  const sorted = order.flatMap((kind) => [...merged].filter(([key]) => key.startsWith(`${kind} `)))
  const elements = sorted.map(([, element]) => `  ${element}\n`).join('')
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n<comps>\n${elements}</comps>\n`)
}

/** The groups, environments, categories and langpacks of a document by kind and id, `group core`, as they stand there. @throws E_XML */
export function compsMembers(document: Buffer): Map<string, string> {
  return new Map([...membersOf(document)].map(([element, kind = '']) => [keyOf(element, kind).trim(), element]))
}

function keyOf(element: string, kind: string): string {
  return `${kind} ${/<id>\s*([^<]*?)\s*<\/id>/.exec(element)?.[1] ?? ''}`
}

function membersOf(document: Buffer): RegExpStringIterator<RegExpExecArray> {
  parseXml(document, 'comps', new Set())
  return withoutMarkup(document.toString('utf8')).matchAll(member)
}

/** The first element with what the other one lists besides. */
function joined(first: string, other: string, kind: string): string {
  if (kind === 'langpacks') return withEntries(first, kind, entriesIn(other))
  let whole = first
  for (const [, name = '', inner = ''] of other.matchAll(list)) {
    const hasList = new RegExp(`<${name}[\\s>]`).test(whole)
    if (!hasList) whole = whole.replace(new RegExp(`</${kind}\\s*>$`), `  <${name}></${name}>\n  $&`)
    whole = withEntries(whole, name, entriesIn(inner))
  }
  return whole
}

function withEntries(element: string, name: string, others: ReadonlyMap<string, string>): string {
  const start = element.search(new RegExp(`<${name}[\\s>]`))
  const end = element.indexOf(`</${name}`, start)
  const there = entriesIn(element.slice(start, end))
  const missing = [...others].filter(([key]) => !there.has(key)).map(([, text]) => `  ${text}\n`)
  return element.slice(0, end) + missing.join('') + element.slice(end)
}

/** What a list names, by its names. */
function entriesIn(text: string): Map<string, string> {
  return new Map([...text.matchAll(entry)].map(([whole, , name]) => [name?.trim() ?? whole, whole]))
}

/** @throws E_XML, E_LIMIT for what is no comps */
export function checkComps(document: Buffer): void {
  parseXml(document, 'comps', new Set())
}

/** A package of a group with the line that it stands on. */
const required = /[ \t]*<packagereq(?:\s[^>]*)?>([^<]*)<\/packagereq\s*>(?:[ \t]*\r?\n)?/g

/**
 * A comps.xml whose groups list only packages whose names are there, bytes else as they were. Returns whether any is gone.
 * @throws E_XML, E_LIMIT
 */
export async function* trimComps(
  blocks: AsyncIterable<Buffer>,
  isThere: (name: string) => boolean,
): AsyncGenerator<Buffer, boolean, undefined> {
  const document = await wholeOf(blocks, maxCompsBytes, 'comps')
  checkComps(document)
  const text = document.toString('utf8')
  const trimmed = text.replace(required, (line, name: string) => (isThere(unescapeXml(name).trim()) ? line : ''))
  yield Buffer.from(trimmed)
  return trimmed !== text
}
