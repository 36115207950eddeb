import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, get as httpGet } from 'node:http'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { realRoot } from '../../src/serve/file.ts'
import { findBelow } from '../../src/serve/find.ts'
import type { Client } from '../../src/serve/message.ts'
import { paired } from '../../src/serve/paired.ts'
import { aClient, running, tree } from './serving.ts'

const files = {
  'r/repodata/repomd.xml': 'repomd 1',
  'r/repodata/repomd.xml.asc': 'signature 1',
  'r/repodata/repomd.xml.key': 'key 1',
}

/** Replaces all by renaming, as a publication does. */
function publish(root: string, generation: number): void {
  for (const name of Object.keys(files)) {
    const kind = (files as Record<string, string>)[name]?.split(' ')[0]
    writeFileSync(join(root, '.next'), `${kind} ${generation}`)
    renameSync(join(root, '.next'), join(root, name))
  }
}

/** A client that keeps one connection; it gives what it reads of a repository as text. */
function connection(url: string): (name: string, folder?: string) => Promise<string> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  return (name, folder = 'r/repodata') =>
    new Promise((resolve, reject) => {
      httpGet(new URL(`${folder}/${name}`, url), { agent }, async (response) => {
        resolve((await response.setEncoding('utf8').toArray()).join(''))
      }).on('error', reject)
    })
}

/** A root's files as clients without a socket are given them. */
function asking(root: string) {
  const find = paired(findBelow(realRoot(root)))
  const text = (name: string, client: Client) => {
    const file = find(['r', 'repodata', name], client)
    return file !== undefined && 'bytes' in file ? file.bytes.toString() : undefined
  }
  return {
    give: (client: Client) => text('repomd.xml', client),
    signature: (client: Client) => text('repomd.xml.asc', client),
  }
}

describe('the signature', () => {
  test('is that of the repomd.xml which the connection was given, the new one on another that was given the new', async () => {
    const root = tree(files)
    const { url } = await running(root)
    const [old, other] = [connection(url), connection(url)]
    expect(await old('repomd.xml')).toBe('repomd 1')
    publish(root, 2)
    expect(await other('repomd.xml')).toBe('repomd 2')
    expect([await old('repomd.xml.asc'), await old('repomd.xml.key')]).toEqual(['signature 1', 'key 1'])
    expect([await other('repomd.xml.asc'), await other('repomd.xml.key')]).toEqual(['signature 2', 'key 2'])
    expect([await old('repomd.xml'), await old('repomd.xml.asc')]).toEqual(['repomd 2', 'signature 2'])
  })

  test('is on a new connection that of the repomd.xml which its address was last given', async () => {
    const root = tree(files)
    const { url } = await running(root)
    expect(await connection(url)('repomd.xml')).toBe('repomd 1')
    publish(root, 2)
    expect(await connection(url)('repomd.xml.asc')).toBe('signature 1')
    expect(await connection(url)('repomd.xml')).toBe('repomd 2')
    expect(await connection(url)('repomd.xml.asc')).toBe('signature 2')
  })

  test('is the current one for another address', () => {
    const root = tree(files)
    const { give, signature } = asking(root)
    give(aClient('192.0.2.1'))
    publish(root, 2)
    expect(signature(aClient('192.0.2.2'))).toBe('signature 2')
    expect(signature(aClient('192.0.2.1'))).toBe('signature 1')
  })

  test('is that of the address, of 4,096 that are remembered', () => {
    const root = tree(files)
    const { give, signature } = asking(root)
    for (let n = 0; n <= 4096; n++) give(aClient(`2001:db8::${n.toString(16)}`))
    publish(root, 2)
    expect(signature(aClient('2001:db8::0'))).toBe('signature 2')
    expect(signature(aClient('2001:db8::1'))).toBe('signature 1')
  })

  test('is the current one for all behind a unix socket', () => {
    const root = tree(files)
    const { give, signature } = asking(root)
    give(aClient(''))
    publish(root, 2)
    expect(signature(aClient(''))).toBe('signature 2')
  })

  test('is the current one where none lay beside it, and stays when it goes', async () => {
    const root = tree({ 'r/repodata/repomd.xml': 'repomd 1' })
    const { url } = await running(root)
    const client = connection(url)
    expect([await client('repomd.xml'), await client('repomd.xml.asc')]).toEqual(['repomd 1', '404 Not Found\n'])
    publish(root, 2)
    expect(await client('repomd.xml.asc')).toBe('signature 2')
    expect(await client('repomd.xml')).toBe('repomd 2')
    rmSync(join(root, 'r/repodata/repomd.xml.asc'))
    expect(await client('repomd.xml.asc')).toBe('signature 2')
  })

  test('is the current one on the connection of a proxy', async () => {
    const root = tree(files)
    const { url } = await running(root, {}, { trustedProxies: ['127.0.0.0/8'] })
    const proxy = connection(url)
    expect(await proxy('repomd.xml')).toBe('repomd 1')
    publish(root, 2)
    expect(await proxy('repomd.xml.asc')).toBe('signature 2')
  })

  test('is that of its own repository, of eight on a connection', async () => {
    const folders = Array.from({ length: 9 }, (_, n) => `r${n}/repodata`)
    const pairs = folders.flatMap((folder, n) => [
      [`${folder}/repomd.xml`, `repomd ${n}`],
      [`${folder}/repomd.xml.asc`, `signature ${n}`],
    ])
    const root = tree(Object.fromEntries(pairs) as Record<string, string>)
    const { url } = await running(root)
    const client = connection(url)
    for (const folder of folders) await client('repomd.xml', folder)
    for (const folder of folders) {
      rmSync(join(root, folder, 'repomd.xml.asc'))
      writeFileSync(join(root, folder, 'repomd.xml.asc'), 'new')
    }
    const signatures = []
    for (const folder of folders) signatures.push(await client('repomd.xml.asc', folder))
    expect(signatures).toEqual(['new', ...folders.slice(1).map((_, n) => `signature ${n + 1}`)])
  })

  test('is the current one after a minute', () => {
    const root = tree(files)
    const { give, signature } = asking(root)
    const client = aClient()
    vi.useFakeTimers({ toFake: ['performance'] })
    onTestFinished(() => void vi.useRealTimers())
    give(client)
    publish(root, 2)
    vi.advanceTimersByTime(59_000)
    expect(signature(client)).toBe('signature 1')
    vi.advanceTimersByTime(2000)
    expect(signature(client)).toBe('signature 2')
  })
})
