import type { Capability } from '../../rpm/capability.ts'
import { attribute, isNamed, type StartTag, scanElement, textAfter } from '../../xml/scan.ts'

/** What a package provides, its files among primary's too, and what it asks for. */
export type Capabilities = { provides: Capability[]; files: string[]; requires: Capability[]; recommends: Capability[] }

const formatDepth = 2
const entryDepth = 3

/**
 * Reads what the `<format>` of each `<package>` of primary says of other packages. An entry that occurs again is the same
 * object: packages by the thousand require one library. @throws E_XML
 */
export function capabilitiesReader(): (record: Buffer) => Capabilities {
  const known = new Map<string, Capability>()
  const capabilityOf = (tag: StartTag): Capability => {
    const text = tag.bytes.toString('latin1', tag.nameEnd, tag.end)
    const again = known.get(text)
    if (again !== undefined) return again
    const capability = readEntry(tag)
    known.set(text, capability)
    return capability
  }
  return (record) => {
    const found: Capabilities = { provides: [], files: [], requires: [], recommends: [] }
    let list: Capability[] | undefined
    const visit = (tag: StartTag, depth: number) => {
      if (depth === entryDepth) list?.push(capabilityOf(tag))
      else if (depth === formatDepth) {
        list = listOf(tag, found)
        if (list === undefined && isNamed(tag, 'file')) found.files.push(textAfter(tag))
      }
    }
    scanElement(record, visit, entryDepth)
    return found
  }
}

function listOf(tag: StartTag, { provides, requires, recommends }: Capabilities): Capability[] | undefined {
  if (isNamed(tag, 'rpm:provides')) return provides
  if (isNamed(tag, 'rpm:requires')) return requires
  return isNamed(tag, 'rpm:recommends') ? recommends : undefined
}

const relations = ['LT', 'GT', 'EQ', 'LE', 'GE'] as const

function readEntry(tag: StartTag): Capability {
  const stated = attribute(tag, 'flags')
  const flags = relations.find((relation) => relation === stated)
  const name = attribute(tag, 'name') ?? ''
  if (flags === undefined) return { name, flags, epoch: undefined, version: undefined, release: undefined }
  const [epoch, version, release] = ['epoch', 'ver', 'rel'].map((key) => attribute(tag, key) || undefined)
  return { name, flags, epoch, version, release }
}
