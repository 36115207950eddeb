import type { Stated } from './digest.ts'
import { type Element, parseXml } from './xml.ts'

/** A file that metadata names; `base` is its xml:base. */
export interface Location {
  href: string
  base: string | undefined
}

/** One `<data>` of repomd.xml. */
export interface DataRecord extends Location {
  type: string
  stated: Stated
  /** Of the uncompressed document; undefined where repomd.xml says nothing about it. */
  open: Stated | undefined
}

/** One `<package>`; `location` and `stated` are primary's, a size that it does not state is NaN and never right. */
export interface PackageRecord {
  nevra: string
  pkgid: string
  location: Location | undefined
  stated: Stated
}

/** Packages of primary, filelists or other in their order, and what `packages=` says of their number. */
export interface PackageList {
  count: string | undefined
  packages: PackageRecord[]
}

/** Reads repomd.xml. */
export function parseRepomd(document: Buffer): { revision: string; records: DataRecord[] } {
  const children: Element[] = []
  const root = parseXml(document, (child) => children.push(child))
  if (root.name !== 'repomd') throw new Error(`the root element is ${root.name}`)
  const records = children.filter(({ name }) => name === 'data').map(parseData)
  return { revision: children.find(({ name }) => name === 'revision')?.text.trim() ?? '', records }
}

function parseData(data: Element): DataRecord {
  const location = locationOf(data)
  if (location === undefined) throw new Error(`data ${data.attributes.type} has no location`)
  const open = child(data, 'open-checksum') && statedBy(data, 'open-checksum', number(child(data, 'open-size')?.text))
  return {
    type: data.attributes.type ?? '',
    ...location,
    stated: statedBy(data, 'checksum', number(child(data, 'size')?.text)),
    open,
  }
}

/** Reads primary, filelists or other, each with its own root element. */
export function parsePackages(document: Buffer, rootName: string): PackageList {
  const packages: PackageRecord[] = []
  const root = parseXml(document, (record) => {
    if (record.name === 'package') packages.push(parsePackage(record))
  })
  if (root.name !== rootName) throw new Error(`the root element is ${root.name}`)
  return { count: root.attributes.packages, packages }
}

function parsePackage(record: Element): PackageRecord {
  const stated = statedBy(record, 'checksum', Number(child(record, 'size')?.attributes.package))
  const pkgid = record.attributes.pkgid?.toLowerCase() ?? stated.checksum
  return { nevra: nevraOf(record), pkgid, location: locationOf(record), stated }
}

function nevraOf(record: Element): string {
  const { epoch = '0', ver = '', rel = '' } = child(record, 'version')?.attributes ?? {}
  const name = record.attributes.name ?? child(record, 'name')?.text ?? ''
  const arch = record.attributes.arch ?? child(record, 'arch')?.text ?? ''
  return `${name}-${epoch}:${ver}-${rel}.${arch}`
}

function locationOf(element: Element): Location | undefined {
  const { href, 'xml:base': base } = child(element, 'location')?.attributes ?? {}
  return href === undefined ? undefined : { href, base }
}

function statedBy(element: Element, name: string, size: number | undefined): Stated {
  const checksum = child(element, name)
  return { algorithm: checksum?.attributes.type ?? '', checksum: checksum?.text.trim().toLowerCase() ?? '', size }
}

function child(element: Element, name: string): Element | undefined {
  return element.children.find((child) => child.name === name)
}

function number(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text)
}
