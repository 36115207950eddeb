import { X509Certificate } from 'node:crypto'
import { inflateSync } from 'node:zlib'
import { extensionsOf } from './extensions.ts'
import { readPathTree } from './pathTree.ts'

/** A certificate by which Red Hat's content network knows its customers. */
export type Entitlement = {
  file: string
  keyFile: string
  validFrom: number
  validTo: number
  /** In the notation of `subscription-manager list`. */
  serial: string
  /** Whether it says which paths it is for; of one that does not nobody but the network knows. */
  saysPaths: boolean
  /** Whether it is for a path of the content network. */
  covers(path: string): boolean
}

const redHat = '1.3.6.1.4.1.2312.9'
const maxDataBytes = 64 * 1024 * 1024

/**
 * Reads an entitlement certificate as subscription-manager does (src/rhsm/certificate2.py): of version 1 each content set has
 * its path in an extension of its own, of version 3 they are a tree in one extension, and JSON in a block behind the
 * certificate. One for a whole organization has a tree of other paths, and what it is for in that block only.
 * @throws where it is no certificate
 */
export function readEntitlement(file: string, keyFile: string, pem: string): Entitlement {
  const certificate = new X509Certificate(pem)
  const extensions = extensionsOf(certificate.raw)
  const paths = [...pathsOfExtensions(extensions), ...pathsOfData(pem)].map(segmentsOf)
  const tree = treeOf(extensions)
  return {
    file,
    keyFile,
    validFrom: Date.parse(certificate.validFrom),
    validTo: Date.parse(certificate.validTo),
    serial: BigInt(`0x${certificate.serialNumber}`).toString(),
    saysPaths: paths.length > 0 || tree !== undefined,
    covers(path) {
      const segments = segmentsOf(path)
      return paths.some((one) => isBeginning(one, segments)) || tree?.(segments) === true
    },
  }
}

function pathsOfExtensions(extensions: ReadonlyMap<string, Buffer>): string[] {
  const isPath = new RegExp(`^${redHat.replaceAll('.', '\\.')}\\.2\\.\\d+\\.1\\.6$`)
  return [...extensions].flatMap(([id, value]) => (isPath.test(id) ? value.toString('utf8') : []))
}

function treeOf(extensions: ReadonlyMap<string, Buffer>): ((segments: readonly string[]) => boolean) | undefined {
  const data = extensions.get(`${redHat}.7`)
  try {
    return data && readPathTree(data)
  } catch {
    // What cannot be read says nothing; the network decides.
    return undefined
  }
}

type Payload = { products?: { content?: { path?: unknown }[] }[] }

function pathsOfData(pem: string): string[] {
  const [, data] = /-----BEGIN ENTITLEMENT DATA-----([A-Za-z0-9+/=\s]+)-----END ENTITLEMENT DATA-----/.exec(pem) ?? []
  if (data === undefined) return []
  try {
    const json = inflateSync(Buffer.from(data, 'base64'), { maxOutputLength: maxDataBytes }).toString('utf8')
    const { products = [] } = JSON.parse(json) as Payload
    const contents = products.flatMap(({ content = [] }) => content)
    return contents.flatMap(({ path }) => (typeof path === 'string' ? path : []))
  } catch {
    return []
  }
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '')
}

function isBeginning(path: readonly string[], segments: readonly string[]): boolean {
  return (
    path.length > 0 &&
    path.every((word, i) => segments[i] !== undefined && (word.startsWith('$') || word === segments[i]))
  )
}
