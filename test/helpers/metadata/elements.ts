import type { Element } from '../checker/xml.ts'

/**
 * How two elements differ in meaning: names, attributes whatever their order, the order of children, text after
 * references are replaced. White space between children means nothing. Each line begins with the path of what differs.
 */
export function elementDifferences(path: string, ours: Element, theirs: Element): string[] {
  if (ours.name !== theirs.name) return [`${path}: ours ${show(ours)}, theirs ${show(theirs)}`]
  return [
    ...attributeDifferences(path, ours, theirs),
    ...valueDifferences(path, textOf(ours), textOf(theirs)),
    ...childDifferences(path, ours.children, theirs.children),
  ]
}

/** How two values differ: not at all, or in one line. */
export function valueDifferences(path: string, ours: unknown, theirs: unknown): string[] {
  return ours === theirs ? [] : [`${path}: ours ${JSON.stringify(ours)}, theirs ${JSON.stringify(theirs)}`]
}

/** The attributes of an element against those of another, on their own. */
export function attributeDifferences(path: string, ours: Element, theirs: Element): string[] {
  const names = new Set([...Object.keys(ours.attributes), ...Object.keys(theirs.attributes)])
  return Array.from(names).flatMap((name) =>
    valueDifferences(`${path}@${name}`, ours.attributes[name] ?? null, theirs.attributes[name] ?? null),
  )
}

/** How two lists of elements differ: those that changed in place, those on one side only, the order of the others. */
export function childDifferences(path: string, ours: Element[], theirs: Element[]): string[] {
  const [a, b] = [ours.map(canonical), theirs.map(canonical)]
  const [onlyOurs, onlyTheirs] = [without(a, b), without(b, a)]
  if (ours.length === theirs.length && String(onlyOurs) === String(onlyTheirs) && sameNames(ours, theirs))
    return [
      ...onlyOurs.flatMap((at) => elementDifferences(place(path, ours, at), ours[at]!, theirs[at]!)),
      ...orderDifferences(path, leave(a, onlyOurs), leave(b, onlyTheirs)),
    ]
  return [
    ...onlyOurs.map((at) => `${path}: only ours: ${show(ours[at]!)}`),
    ...onlyTheirs.map((at) => `${path}: only theirs: ${show(theirs[at]!)}`),
    ...orderDifferences(path, leave(a, onlyOurs), leave(b, onlyTheirs)),
  ]
}

/** A line that says where two lists of the same things are first in another order. */
export function orderDifferences(path: string, ours: string[], theirs: string[]): string[] {
  const at = ours.findIndex((item, i) => item !== theirs[i])
  return at === -1 ? [] : [`${path}: order: place ${at + 1} is ours ${cut(ours[at]!)}, theirs ${cut(theirs[at]!)}`]
}

/** The places of those that the other list does not have, each of them counted as often as it comes. */
export function without(list: string[], other: string[]): number[] {
  const counts = new Map<string, number>()
  for (const item of other) counts.set(item, (counts.get(item) ?? 0) + 1)
  return list.flatMap((item, at) => {
    const left = counts.get(item) ?? 0
    counts.set(item, left - 1)
    return left > 0 ? [] : [at]
  })
}

/** An element as text that is the same for the same meaning. */
export function canonical(element: Element): string {
  const attributes = Object.entries(element.attributes).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([element.name, attributes, textOf(element), element.children.map(canonical)])
}

function leave(list: string[], places: number[]): string[] {
  const gone = new Set(places)
  return list.filter((_, at) => !gone.has(at))
}

function sameNames(ours: Element[], theirs: Element[]): boolean {
  return ours.every(({ name }, at) => name === theirs[at]?.name)
}

/** `path/name`, with the place among those of the same name where there are several. */
function place(path: string, list: Element[], at: number): string {
  const { name } = list[at]!
  const same = list.flatMap((other, i) => (other.name === name ? [i] : []))
  return same.length === 1 ? `${path}/${name}` : `${path}/${name}[${same.indexOf(at) + 1}]`
}

/** Elements of elements, in which white space means nothing even where they are empty. */
const containers =
  /^(metadata|filelists|otherdata|package|format|rpm:(provides|requires|conflicts|obsoletes|suggests|enhances|recommends|supplements))$/

function textOf({ name, text, children }: Element): string {
  return (children.length > 0 || containers.test(name)) && text.trim() === '' ? '' : text
}

function show({ name, attributes, text, children }: Element): string {
  const inside = children.length === 0 ? text : children.map(({ name }) => `<${name}>`).join('')
  const pairs = Object.entries(attributes).map(([key, value]) => ` ${key}=${JSON.stringify(value)}`)
  return cut(`<${name}${pairs.join('')}>${inside}`)
}

function cut(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}...` : text
}
