/** What a captive portal sends in place of the file. */
export const htmlPage = Buffer.from('<!DOCTYPE html><html><body><h1>Please log in</h1></body></html>\n')

/** The right body with the lowest bit of one byte flipped (default: the middle one), so that its size stays. */
export function damaged(right: Buffer, at: number = right.length >> 1): Buffer {
  const body = Buffer.from(right)
  body.writeUInt8(body.readUInt8(at) ^ 1, at)
  return body
}

/** The HTML page padded with spaces, or cut, to the size of the right body. */
export function padded(right: Buffer): Buffer {
  return Buffer.concat([htmlPage, Buffer.alloc(right.length, ' ')]).subarray(0, right.length)
}
