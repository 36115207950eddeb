import { X509Certificate } from 'node:crypto'
import { existsSync } from 'node:fs'
import { numberText } from '../amounts.ts'
import type { Access } from '../config/repo.ts'
import { chooseEntitlement, redHatAuthority } from './entitlement/choose.ts'
import { readPair, readTls, type Tls } from './tlsFiles.ts'

/** The certificate by which an upstream knows us, as far as a person wants to know it. */
export type Identity = {
  file: string
  /** Milliseconds since 1970. */
  validFrom: number
  validTo: number
  serial: string
  /** Whether it is for a path; undefined where certificates do not say that. */
  covers?: (path: string) => boolean
}

/** TLS with the certificate that is configured, or with the one that Red Hat's content network asks for; and what it is. */
export function readIdentity(access: Access, paths: readonly string[]): { tls: Tls; identity: Identity | undefined } {
  const { tls: files, entitlement } = access
  if (entitlement === undefined) {
    const tls = readTls(files)
    return { tls, identity: files.clientCert === undefined ? undefined : plain(files.clientCert, tls) }
  }
  const identity = chooseEntitlement(entitlement.folder, paths)
  const ca = files.ca ?? (existsSync(redHatAuthority) ? redHatAuthority : undefined)
  const { trust } = readTls({ ...files, ca })
  const { file, validFrom, validTo, serial } = identity
  const covers = identity.saysPaths ? { covers: (path: string) => identity.covers(path) } : {}
  return {
    tls: { trust, client: readPair(file, identity.keyFile) },
    identity: { file, validFrom, validTo, serial, ...covers },
  }
}

function plain(file: string, { client }: Tls): Identity {
  const { validFrom, validTo, serialNumber } = new X509Certificate(client?.cert ?? '')
  const serial = BigInt(`0x${serialNumber}`).toString()
  return { file, validFrom: Date.parse(validFrom), validTo: Date.parse(validTo), serial }
}

/** Why a certificate was not let in, in plain words. */
export function whyRefused(
  { file, validFrom, validTo, serial, covers }: Identity,
  path: string,
  now = Date.now(),
): string {
  const which = `the client certificate ${file} (serial ${serial})`
  if (now >= validTo) return `${which} has expired on ${day(validTo)}`
  if (now < validFrom) return `${which} is valid from ${day(validFrom)} on only`
  if (covers?.(path) === false) return `${which} does not cover ${path}`
  const rest = 'so that it was revoked, or what it stands for has ended'
  if (covers !== undefined) return `${which} covers the path and is valid until ${day(validTo)}, ${rest}`
  return `${which}, valid until ${day(validTo)}, is not let in`
}

/** A warning of a certificate that expires soon; undefined where it does not. */
export function expiryWarning({ file, validTo }: Identity, withinMs: number, now = Date.now()): string | undefined {
  if (validTo - now > withinMs) return undefined
  if (validTo <= now) return `the client certificate ${file} has expired on ${day(validTo)}`
  const days = Math.floor((validTo - now) / 86_400_000)
  return `the client certificate ${file} expires in ${numberText(days, 'day')}, on ${day(validTo)}`
}

function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}
