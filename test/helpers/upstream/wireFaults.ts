import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import type { Reply } from './reply.ts'
import type { Ending, Fault, WireFault } from './rules.ts'
import { chunk, closed, end, head, type Line, lengthOf, write } from './wire.ts'

/** The fault among these that is about the connection itself. */
export function wireFault(faults: Fault[]): WireFault | undefined {
  return faults.find((fault): fault is WireFault => fault.kind in statusIsSent)
}

/** Whether the client gets to see the status of the reply. */
export function sendsStatus(fault: WireFault): boolean {
  return statusIsSent[fault.kind]
}

const statusIsSent: Record<WireFault['kind'], boolean> = {
  reset: false,
  silence: false,
  stall: true,
  drip: true,
  truncate: true,
  chunked: true,
  noLength: true,
  wrongLength: true,
  endlessBody: true,
  endlessHeaders: false,
  raw: false,
}

/** Sends a reply as the fault has it; whoever ends the connection does it here. */
export function sendFaulty(line: Line, reply: Reply, fault: WireFault): Promise<void> {
  switch (fault.kind) {
    case 'reset':
      return end(line, fault.end ?? 'rst')
    case 'silence':
      return closed(line)
    case 'stall':
      return stall(line, reply, fault.after ?? 0)
    case 'drip':
      return drip(line, reply, fault.bytes, fault.everyMs)
    case 'truncate':
      return truncate(line, reply, fault.after, fault.end ?? 'fin')
    case 'chunked':
      return chunked(line, reply, fault.cutAfter, fault.end ?? 'fin')
    case 'noLength':
      return noLength(line, reply, fault.cutAfter)
    case 'wrongLength':
      return wrongLength(line, reply, fault.by)
    case 'endlessBody':
      return endlessBody(line, reply, fault.framing ?? 'close')
    case 'endlessHeaders':
      return endlessHeaders(line)
    case 'raw':
      return raw(line, Buffer.from(fault.bytes))
  }
}

async function stall(line: Line, reply: Reply, after: number): Promise<void> {
  await write(line, head(reply, lengthOf(reply)))
  await write(line, reply.body.subarray(0, after))
  await closed(line)
}

async function drip(line: Line, reply: Reply, bytes: number, everyMs: number): Promise<void> {
  await write(line, head(reply, lengthOf(reply)))
  for (let at = 0; at < reply.body.length; at += bytes) {
    await write(line, reply.body.subarray(at, at + bytes))
    await sleep(everyMs, undefined, { signal: line.signal })
  }
}

async function truncate(line: Line, reply: Reply, after: number, ending: Ending): Promise<void> {
  await write(line, head(reply, lengthOf(reply)))
  await write(line, reply.body.subarray(0, after))
  await end(line, ending)
}

const chunkSize = 16 * 1024

async function chunked(line: Line, reply: Reply, cutAfter: number | undefined, ending: Ending): Promise<void> {
  await write(line, head(reply, { 'Transfer-Encoding': 'chunked' }))
  const body = reply.body.subarray(0, cutAfter)
  for (let at = 0; at < body.length; at += chunkSize) await write(line, chunk(body.subarray(at, at + chunkSize)))
  return cutAfter === undefined ? write(line, chunk(Buffer.alloc(0))) : end(line, ending)
}

async function noLength(line: Line, reply: Reply, cutAfter: number | undefined): Promise<void> {
  await write(line, head(reply, { Connection: 'close' }))
  await write(line, reply.body.subarray(0, cutAfter))
  await end(line, 'fin')
}

async function wrongLength(line: Line, reply: Reply, by: number): Promise<void> {
  await write(line, head(reply, { 'Content-Length': String(reply.body.length + by) }))
  await write(line, reply.body)
  if (by > 0) await end(line, 'fin')
}

async function endlessBody(line: Line, reply: Reply, framing: 'close' | 'chunked' | 'length'): Promise<void> {
  await write(line, head(reply, endlessFraming[framing]))
  const frame = framing === 'chunked' ? chunk : (bytes: Buffer) => bytes
  if (reply.body.length > 0) await write(line, frame(reply.body))
  for (;;) await writeInTurn(line, frame(zeros))
}

const zeros = Buffer.alloc(64 * 1024)

const endlessFraming = {
  close: { Connection: 'close' },
  chunked: { 'Transfer-Encoding': 'chunked' },
  length: { 'Content-Length': String(2 ** 40) },
}

async function endlessHeaders(line: Line): Promise<void> {
  await write(line, Buffer.from('HTTP/1.1 200 OK\r\n'))
  for (let number = 0; ; number++) {
    await writeInTurn(line, Buffer.from(`X-Header-${number}: ${'x'.repeat(1000)}\r\n`))
  }
}

/** A client that reads fast enough would otherwise keep every other connection of this process waiting. */
async function writeInTurn(line: Line, bytes: Buffer): Promise<void> {
  await write(line, bytes)
  await turn()
}

async function raw(line: Line, bytes: Buffer): Promise<void> {
  await write(line, bytes)
  await end(line, 'fin')
}
