import type { Element } from '../checker/xml.ts'
import { attributeDifferences, elementDifferences, orderDifferences, valueDifferences } from './elements.ts'
import { child, readTree } from './repository.ts'

/** How two documents of packages (primary, filelists, filelists-ext, other) differ, package by package. */
export function packageDifferences(type: string, ours: Buffer, theirs: Buffer): string[] {
  const [a, b] = [readTree(ours), readTree(theirs)]
  const pairs = pair(a.children, b.children)
  const [matchedOurs, matchedTheirs] = [new Set(pairs.keys()), new Set(pairs.values())]
  const common = a.children.filter((element) => matchedOurs.has(element)).map((element) => pairs.get(element)!)
  return [
    ...valueDifferences(type, a.name, b.name),
    ...attributeDifferences(type, a, b),
    ...countProblems(`ours: ${type}`, a),
    ...countProblems(`theirs: ${type}`, b),
    ...a.children.filter((item) => !matchedOurs.has(item)).map((item) => `${type}: only ours: ${label(item)}`),
    ...b.children.filter((item) => !matchedTheirs.has(item)).map((item) => `${type}: only theirs: ${label(item)}`),
    ...orderDifferences(type, common.map(label), b.children.filter((item) => matchedTheirs.has(item)).map(label)),
    ...Array.from(pairs).flatMap(([one, other]) => elementDifferences(`${type}: ${label(other)}`, one, other)),
  ]
}

/** A package's name for people: where it lies, or what it is. */
export function label(element: Element): string {
  return child(element, 'location')?.attributes.href ?? nevra(element)
}

/** Each package of ours with that of theirs: of the same checksum, or else of the same place or name. */
function pair(ours: Element[], theirs: Element[]): Map<Element, Element> {
  const pairs = new Map<Element, Element>()
  for (const keyOf of [both, pkgid, label, nevra]) {
    const free = new Set(theirs)
    for (const taken of pairs.values()) free.delete(taken)
    const open = Map.groupBy(free, keyOf)
    for (const element of ours) {
      const other = pairs.has(element) ? undefined : open.get(keyOf(element))?.shift()
      if (other !== undefined) pairs.set(element, other)
    }
  }
  return pairs
}

function both(element: Element): string {
  return `${pkgid(element)} ${label(element)}`
}

function pkgid(element: Element): string {
  return element.attributes.pkgid ?? child(element, 'checksum')?.text ?? ''
}

function nevra(element: Element): string {
  const name = element.attributes.name ?? child(element, 'name')?.text
  const arch = element.attributes.arch ?? child(element, 'arch')?.text
  const { epoch, ver, rel } = child(element, 'version')?.attributes ?? {}
  return `${name}-${epoch}:${ver}-${rel}.${arch}`
}

function countProblems(side: string, { attributes, children }: Element): string[] {
  if (attributes.packages === String(children.length)) return []
  return [`${side}: packages="${attributes.packages}", but ${children.length} follow`]
}
