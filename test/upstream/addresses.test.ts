import type { LookupAddress } from 'node:dns'
import { describe, expect, test } from 'vitest'
import { Addresses } from '../../src/upstream/addresses.ts'
import { failure, fetch, patientFor, startServer } from './fetching.ts'

/** What comes of a connection to a host that is found at these addresses. */
function verdict(addresses: Addresses, host: string, ...found: string[]): string | string[] {
  try {
    addresses.checkLiteral(host)
    const all = found.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 }))
    return addresses.permitted(host, all).map(({ address }) => address)
  } catch (error) {
    return `${(error as { code: string }).code} ${(error as Error).message}`
  }
}

const strangers = new Addresses(['mirror.example'], [])
const anywhere = new Addresses(['mirror.example'], ['0.0.0.0/0', '::/0'])

const link = "an address of the link or of a cloud's metadata"
const secluded = [
  '127.0.0.1',
  '127.9.9.9',
  '0.0.0.0',
  '10.1.2.3',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '100.64.0.1',
  '::1',
  '::',
  'fc00::1',
  'fdff::1',
  '::ffff:127.0.0.1',
  '::ffff:a00:1',
  '::127.0.0.1',
  '64:ff9b::10.0.0.1',
  '2002:a00:1::1',
  '64:ff9b:1::a00:1',
  '::ffff:0:10.0.0.1',
  '2001::a00:1',
]
const metadata = [
  '169.254.169.254',
  '169.254.0.1',
  'fe80::1',
  'fe80::1%eth0',
  '::ffff:169.254.169.254',
  '64:ff9b::a9fe:a9fe',
  '2002:a9fe:a9fe::',
  'fd00:ec2::254',
  'fd20:ce::254',
  '100.100.100.200',
  '168.63.129.16',
  '255.255.255.255',
  '224.0.0.1',
]

describe('U11: an upstream may not send us', () => {
  test.each(secluded)('to %s, unless the operator says so', (address) => {
    const refusal = `E_SSRF refused to connect to cdn.example -> ${address}: a private address, and none of the repository's own; name it in private_networks if it is meant`
    expect(verdict(strangers, 'cdn.example', address)).toBe(refusal)
    expect(verdict(anywhere, 'cdn.example', address)).toEqual([address])
  })

  test.each(metadata)('to %s, whoever says so', (address) => {
    const refusal = `E_SSRF refused to connect to cdn.example -> ${address}: ${link}`
    expect(verdict(anywhere, 'cdn.example', address)).toBe(refusal)
    expect(verdict(anywhere, 'mirror.example', address)).toBe(refusal.replace('cdn', 'mirror'))
  })

  test.each(['10.0.0.1', '[::1]', '[::ffff:7f00:1]', 'localhost', 'a.localhost', 'localhost.', '[fe80::1]'])(
    'by an address or a name that says it: %s',
    (host) => {
      expect(verdict(strangers, host)).toMatch(/^E_SSRF /)
    },
  )

  test.each(['metadata.google.internal', 'metadata', '169.254.169.254'])('to %s even by the operator', (host) => {
    expect(verdict(new Addresses([host], [host.startsWith('1') ? host : '::/0']), host)).toMatch(/^E_SSRF /)
  })
})

describe('an upstream may send us', () => {
  test.each(['93.184.216.34', '172.32.0.1', '100.128.0.1', '11.0.0.1', '2606:2800:220:1::1', '2002:5db8:d822::1'])(
    'to %s, which is everybody’s',
    (address) => expect(verdict(strangers, 'cdn.example', address)).toEqual([address]),
  )

  test('to where the operator’s own host is, and to no other place of that network', () => {
    const addresses = new Addresses(['mirror.lan', '10.9.9.9', '[fd00::9]'], [])
    expect(verdict(addresses, 'cdn.example', '10.0.0.5')).toMatch(/^E_SSRF/)
    expect(verdict(addresses, 'mirror.lan', '10.0.0.5')).toEqual(['10.0.0.5'])
    expect(verdict(addresses, 'cdn.example', '10.0.0.5', '10.9.9.9', 'fd00::9')).toEqual([
      '10.0.0.5',
      '10.9.9.9',
      'fd00::9',
    ])
    expect(verdict(addresses, 'cdn.example', '10.0.0.6')).toMatch(/^E_SSRF/)
  })

  test('to those of its addresses that are allowed', () => {
    expect(verdict(strangers, 'cdn.example', '10.0.0.5', '93.184.216.34')).toEqual(['93.184.216.34'])
  })
})

describe('every connection is judged', () => {
  test('by what the socket itself finds', async () => {
    await using server = await startServer()
    await using http = patientFor(5000, 1, { addresses: new Addresses(['mirror.example'], []) })
    const { port } = new URL(server.url)
    expect(await failure(fetch(http, server.url))).toMatchObject({
      code: 'E_SSRF',
      message: expect.stringMatching(/^refused to connect to 127\.0\.0\.1 -> 127\.0\.0\.1: a private address/),
    })
    expect(await failure(fetch(http, `http://localhost:${port}/file`))).toMatchObject({ code: 'E_SSRF' })
    expect(server.requests).toEqual([])
  })

  test('and the operator’s own host is reached by its name', async () => {
    await using server = await startServer()
    await using http = patientFor(5000, 1, { addresses: new Addresses(['localhost'], []), family: 4 })
    const { port } = new URL(server.url)
    expect((await fetch(http, `http://localhost:${port}/file`)).heads).toMatchObject([{ status: 200 }])
    // Where it is, another name of the same place may lead.
    expect((await fetch(http, server.url.concat('file'))).heads).toMatchObject([{ status: 200 }])
  })
})
