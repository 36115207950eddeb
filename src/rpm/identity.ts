import { headerBytes, introBytes } from './header.ts'
import type { Nevra } from './nevra.ts'
import { tag } from './tags.ts'
import { decodeText } from './text.ts'

/** Gives a file's first bytes, as many as it is asked for, or all where the file is shorter. */
export type Prefix = (bytes: number) => Buffer

const leadBytes = 96
const leadMagic = Buffer.from('edabeedb', 'hex')
const entryBytes = 16
/** A longer name is none that a repository has. */
const maxText = 512

/**
 * What a package file is called, by the few entries of its main header that say so; nothing else of it is checked, so that it
 * is for files whose content was verified. undefined for what is no RPM, and for one that does not say in a tag whether
 * it is a source package, as before rpm 4.
 * @throws E_RPM for what begins as an RPM and has no header
 */
export function readIdentity(prefix: Prefix): Nevra | undefined {
  const lead = prefix(leadBytes + introBytes)
  if (!lead.subarray(0, 4).equals(leadMagic)) return undefined
  const signatureEnd = leadBytes + headerBytes(lead.subarray(leadBytes), 'signature')
  const start = Math.ceil(signatureEnd / 8) * 8
  const intro = prefix(start + introBytes).subarray(start)
  const end = start + headerBytes(intro, 'main')
  const dataStart = start + introBytes + intro.readUInt32BE(8) * entryBytes
  const offsets = offsetsOf(prefix(dataStart).subarray(start + introBytes))
  return identityOf((wanted) => {
    const offset = offsets.get(wanted)
    const at = offset === undefined ? end : dataStart + offset
    return at < dataStart || at >= end ? undefined : prefix(Math.min(at + maxText, end)).subarray(at)
  })
}

/** Where the data of each tag begins. */
function offsetsOf(index: Buffer): Map<number, number> {
  const offsets = new Map<number, number>()
  for (let at = 0; at + entryBytes <= index.length; at += entryBytes)
    offsets.set(index.readInt32BE(at), index.readInt32BE(at + 8))
  return offsets
}

type Data = (tag: number) => Buffer | undefined

function identityOf(dataOf: Data): Nevra | undefined {
  const source = isSource(dataOf)
  const [name, version, release, arch] = [tag.name, tag.version, tag.release, tag.arch].map((one) => text(dataOf(one)))
  if (source === undefined || !name || !version || !release || !arch) return undefined
  return { name, epoch: String(number(dataOf(tag.epoch)) ?? 0), version, release, arch: source ? 'src' : arch }
}

function isSource(dataOf: Data): boolean | undefined {
  const stated = number(dataOf(tag.sourcePackage))
  if (stated !== undefined) return stated !== 0
  return dataOf(tag.sourceRpm) === undefined ? undefined : false
}

function text(data: Buffer | undefined): string | undefined {
  const end = data?.indexOf(0) ?? -1
  return end === -1 ? undefined : decodeText((data as Buffer).toString('latin1', 0, end)).decoded
}

function number(data: Buffer | undefined): number | undefined {
  return data === undefined || data.length < 4 ? undefined : data.readUInt32BE(0)
}
