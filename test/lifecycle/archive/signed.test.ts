import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Gnupg, makeGnupg } from '../../helpers/gpg.ts'
import { judge } from '../../helpers/judges.ts'
import { readEntries, withManifest, writeEntries } from './entries.ts'
import { type Pair, startPair } from './pair.ts'

const hasGpg = judge('gpg')

let pair: Pair
let gnupg: Gnupg
let fingerprint: string

beforeAll(async () => {
  if (!hasGpg) return
  pair = await startPair()
  await pair.sync([{ name: 'almanac' }])
  gnupg = makeGnupg(pair.near.dir)
  fingerprint = gnupg.key('Exporter', 'ed25519')
  gnupg.key('Stranger', 'ed25519')
  writeFileSync(pair.file('secret.asc'), gnupg.privateKey('exporter@example.org'), { mode: 0o600 })
  writeFileSync(pair.file('key.asc'), gnupg.publicKeys('exporter@example.org'))
  writeFileSync(pair.file('other.asc'), gnupg.publicKeys('stranger@example.org'))
  await pair.export('signed.tar', { keyFile: pair.file('secret.asc') })
  await pair.export('plain.tar')
})

afterAll(async () => {
  if (!hasGpg) return
  gnupg[Symbol.dispose]()
  await pair[Symbol.asyncDispose]()
})

describe.runIf(hasGpg)('a signed archive', () => {
  test('has a signature of its manifest that gpg verifies', () => {
    const [manifest, , signature] = readEntries(readFileSync(pair.file('signed.tar')))
    expect(signature?.name).toBe('manifest.json.asc')
    writeFileSync(pair.file('manifest.json'), manifest!.data)
    writeFileSync(pair.file('manifest.json.asc'), signature!.data)
    gnupg.run(['--verify', pair.file('manifest.json.asc'), pair.file('manifest.json')])
  })

  test('is refused where the signature is of another key, or not of a named one, or of other bytes', async () => {
    const keys = [pair.file('key.asc')]
    expect(await pair.import('signed.tar', { keys: [pair.file('other.asc')] })).toEqual([
      expect.stringMatching(
        /^E_SIG: .*: no good signature: unknown key [0-9a-f]{16}.*; --key asks for one; nothing was published$/,
      ),
    ])
    expect(await pair.import('signed.tar', { keys, fingerprints: ['00'.repeat(20)] })).toEqual([
      expect.stringMatching(/^E_SIG: .*: no good signature: not a pinned key .*; nothing was published$/),
    ])
    const forged = withManifest(readEntries(readFileSync(pair.file('signed.tar'))), (m) => {
      m.repos[0]!.name = 'forged'
    })
    writeFileSync(pair.file('forged.tar'), writeEntries(forged))
    expect(await pair.import('forged.tar', { keys })).toEqual([
      expect.stringMatching(/^E_SIG: .*: no good signature: signature of other bytes .*; nothing was published$/),
    ])
  })

  test('is asked for by --key, by repo_gpgcheck and by trust', async () => {
    const plain = (why: string) => [`E_SIG: Cannot import ${pair.file('plain.tar')}: ${why}; nothing was published`]
    const keys = [pair.file('key.asc')]
    expect(await pair.import('plain.tar', { keys })).toEqual(plain('it is not signed, and --key asks for a signature'))
    const base = { archive: 'yes', path: 'el9/base' }
    await pair.farConfig({ base: { ...base, trust: 'required' } })
    expect(await pair.import('plain.tar')).toEqual(
      plain('base has trust: required, and nothing says whose signature counts: --key FILE'),
    )
    await pair.farConfig({ base: { ...base, repo_gpgcheck: 'yes', gpgkey: pair.file('key.asc') } })
    expect(await pair.import('plain.tar')).toEqual(
      plain('it is not signed, and repo_gpgcheck of base asks for a signature'),
    )
    expect(pair.shown()).toEqual([])
    await pair.farConfig({ base: { ...base, trust: 'required', repo_gpgcheck: 'yes', gpgkey: pair.file('key.asc') } })
    expect(await pair.import('signed.tar')).toEqual(['base published 1'])
  })

  test('is taken with its key and fingerprint', async () => {
    await pair.farConfig({ base: { archive: 'yes', path: 'el9/base' } })
    const spaced = fingerprint.toUpperCase().replaceAll(/(.{4})/g, '$1 ')
    expect(await pair.import('signed.tar', { keys: [pair.file('key.asc')], fingerprints: [spaced] })).toEqual([
      'base unchanged 1',
    ])
  })
})
