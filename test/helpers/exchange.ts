import { connect } from 'node:net'

/** What came back over one connection. */
export interface Exchange {
  bytes: Buffer
  /** Status line and headers of the first reply. */
  head: string
  /** What follows them. */
  body: Buffer
  /** How the server ended it; `open` if it was silent for `quietMs` or sent more than `enough`. */
  ending: 'fin' | 'rst' | 'open'
}

/** Sends a text as it is over a raw connection and takes down what comes back, without any idea of HTTP. */
export async function exchange(url: string, text: string, quietMs = 400, enough = 1 << 20): Promise<Exchange> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  const received: Buffer[] = []
  const { promise, resolve } = Promise.withResolvers<Exchange['ending']>()
  socket.setTimeout(quietMs, () => resolve('open'))
  socket.on('error', () => resolve('rst')).on('end', () => resolve('fin'))
  socket.on('data', (chunk: Buffer) => {
    received.push(chunk)
    if (socket.bytesRead > enough) resolve('open')
  })
  socket.write(text)
  const ending = await promise
  socket.destroy()
  const bytes = Buffer.concat(received)
  const end = bytes.indexOf('\r\n\r\n')
  return { bytes, head: bytes.toString('latin1', 0, Math.max(0, end)), body: bytes.subarray(end + 4), ending }
}
