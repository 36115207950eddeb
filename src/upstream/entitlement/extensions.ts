/** One element of DER (X.690): its tag, its content, and where the next one begins. */
type Element = { tag: number; content: Buffer; end: number }

const tags = { boolean: 0x01, octets: 0x04, identifier: 0x06, utf8: 0x0c, printable: 0x13, ia5: 0x16, sequence: 0x30 }
/** `[3]` of a TBSCertificate (RFC 5280 section 4.1). */
const extensionsTag = 0xa3

/** The extensions of a certificate in DER: their contents by their object identifiers in dots. */
export function extensionsOf(certificate: Buffer): Map<string, Buffer> {
  const [whole] = elements(certificate)
  const [tbs] = elements(whole?.content ?? Buffer.alloc(0))
  const holder = elements(tbs?.content ?? Buffer.alloc(0)).find(({ tag }) => tag === extensionsTag)
  const [list] = holder === undefined ? [] : elements(holder.content)
  const found = new Map<string, Buffer>()
  for (const { content } of list === undefined ? [] : elements(list.content)) {
    const [id, ...rest] = elements(content)
    const value = rest.find(({ tag }) => tag === tags.octets)
    if (id?.tag === tags.identifier && value !== undefined) found.set(identifier(id.content), unwrapped(value.content))
  }
  return found
}

/** Red Hat's extensions are a string or bytes once more inside. */
function unwrapped(content: Buffer): Buffer {
  try {
    const [inner, ...others] = elements(content)
    const isWhole = inner !== undefined && others.length === 0
    return isWhole && [tags.octets, tags.utf8, tags.printable, tags.ia5].includes(inner.tag) ? inner.content : content
  } catch {
    return content
  }
}

/** Elements one after the other. @throws RangeError where one is longer than what is there */
function elements(bytes: Buffer): Element[] {
  const found: Element[] = []
  for (let at = 0; at < bytes.length; ) {
    const element = elementAt(bytes, at)
    found.push(element)
    at = element.end
  }
  return found
}

function elementAt(bytes: Buffer, at: number): Element {
  const tag = bytes.readUInt8(at)
  const first = bytes.readUInt8(at + 1)
  const digits = first < 0x80 ? 0 : first & 0x7f
  if (first === 0x80 || digits > 4) throw new RangeError('a length that DER does not have')
  const length = digits === 0 ? first : bytes.readUIntBE(at + 2, digits)
  const start = at + 2 + digits
  if (start + length > bytes.length) throw new RangeError('an element that is longer than what holds it')
  return { tag, content: bytes.subarray(start, start + length), end: start + length }
}

function identifier(content: Buffer): string {
  const arcs: number[] = []
  let arc = 0
  for (const byte of content) {
    arc = arc * 128 + (byte & 0x7f)
    if (byte >= 0x80) continue
    arcs.push(arc)
    arc = 0
  }
  const [first = 0, ...rest] = arcs
  const root = Math.min(2, Math.floor(first / 40))
  return [root, first - root * 40, ...rest].join('.')
}
