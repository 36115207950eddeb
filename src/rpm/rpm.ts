import { MirrorError } from '../errors.ts'
import { Header, headerBytes, introBytes } from './header.ts'

/** The two headers of a package file, and where the main one lies in it: offsets of its first byte and the one behind it. */
export type Rpm = { signature: Header; main: Header; headerStart: number; headerEnd: number }

const leadBytes = 96
const leadMagic = Buffer.from('edabeedb', 'hex')
/** RPMSIGTYPE_HEADERSIG: the signature is a header, as it has been since rpm 2.1. */
const headerSignature = 5

/**
 * Reads the lead and both headers of a package file. `prefix` gives the file's first bytes, at least as many as it is
 * asked for, or throws where the file is shorter; it is asked for no more than the file's own numbers and rpm's limits allow.
 * @throws E_RPM for anything that rpm does not read (lib/package.c, lib/rpmlead.c)
 */
export function readHeaders(prefix: (bytes: number) => Buffer): Rpm {
  checkLead(prefix(leadBytes))
  const signatureEnd = leadBytes + headerBytes(introAt(leadBytes, prefix), 'signature')
  const headerStart = Math.ceil(signatureEnd / 8) * 8
  const headerEnd = headerStart + headerBytes(introAt(headerStart, prefix), 'main')
  const bytes = prefix(headerEnd)
  const signature = new Header(bytes.subarray(leadBytes, signatureEnd), 'signature')
  const main = new Header(bytes.subarray(headerStart, headerEnd), 'main')
  return { signature, main, headerStart, headerEnd }
}

function introAt(offset: number, prefix: (bytes: number) => Buffer): Buffer {
  return prefix(offset + introBytes).subarray(offset, offset + introBytes)
}

/** Only the magic, the format's version and the kind of signature count; the rest of a lead says nothing any more. */
function checkLead(lead: Buffer): void {
  if (!lead.subarray(0, 4).equals(leadMagic)) throw new MirrorError('E_RPM', 'not an RPM: the first bytes are others')
  const major = lead.readUInt8(4)
  if (major < 3 || major > 4) throw new MirrorError('E_RPM', `format ${major} of the lead; 3 or 4 expected`)
  if (lead.readUInt16BE(78) !== headerSignature)
    throw new MirrorError('E_RPM', 'its signature is not a header, as before rpm 2.1')
}
