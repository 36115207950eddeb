import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { currentGeneration, findRepo } from '../../../src/store/generations.ts'
import type { SyncContext } from '../../../src/sync/run.ts'
import { type Gnupg, makeGnupg } from '../../helpers/gpg.ts'
import { judge } from '../../helpers/judges.ts'
import { images, makeKickstart } from '../../helpers/kickstart.ts'
import { makeTemporaryFolder, type TemporaryFolder } from '../../helpers/temporary.ts'
import { listing } from '../faults/listing.ts'
import { type Syncing, startSyncing } from '../syncing.ts'

const hasGpg = judge('gpg')
const first = [{ name: 'alpha' }]
const second = [{ name: 'alpha' }, { name: 'beta' }]

let folder: TemporaryFolder
let gnupg: Gnupg
let owner: string

beforeAll(async () => {
  if (!hasGpg) return
  folder = await makeTemporaryFolder()
  gnupg = makeGnupg(folder.path)
  owner = gnupg.key('Owner', 'ed25519', { at: '20240101T000000' })
  gnupg.key('Stranger', 'ed25519', { at: '20240101T000000' })
  gnupg.key('Expired', 'ed25519', { at: '20200101T000000', expires: '20210101T000000' })
  gnupg.key('Revoked', 'ed25519', { at: '20240101T000000' })
  gnupg.key('Weak', 'rsa2048', { at: '20240101T000000' })
}, 120_000)

afterAll(async () => {
  gnupg?.[Symbol.dispose]()
  await folder?.[Symbol.asyncDispose]()
})

/** Puts a signature beside the upstream's repomd.xml. */
function sign({ dir }: Syncing, user = 'owner', options: { at?: string; args?: string[] } = {}): void {
  writeFileSync(ascOf(dir), gnupg.sign(`${user}@example.org`, readFileSync(join(dir, 'repodata/repomd.xml')), options))
}

function ascOf(dir: string): string {
  return join(dir, 'repodata/repomd.xml.asc')
}

/** An upstream that is signed and was synced once, and the settings of its repository. */
async function signedUpstream(keys = gnupg.publicKeys('owner@example.org')) {
  const syncing = await startSyncing(first)
  sign(syncing)
  const key = syncing.site.path('key.asc')
  writeFileSync(key, keys)
  const settings = { repo_gpgcheck: true, gpgkey: [key] }
  await syncing.run(settings)
  return { syncing, settings, key }
}

/** What a run says of an upstream that moved on, and whether the published tree is as it was. */
async function refused(syncing: Syncing, settings: object, context: Partial<SyncContext> = {}) {
  const before = await listing(syncing.tree)
  const error = await syncing.run(settings, context).then(
    () => undefined,
    (caught: Error & { code?: string }) => caught,
  )
  const url = `${syncing.upstream.url}repodata/repomd.xml`
  return {
    line: `${error?.code}: ${error?.message.replace(url, 'URL')}`,
    isUntouched: JSON.stringify(before) === JSON.stringify(await listing(syncing.tree)),
  }
}

function chain({ state }: Syncing) {
  return currentGeneration(state.database, findRepo(state.database, 'base') as number)
}

describe.skipIf(!hasGpg)('M11 repomd.xml.asc', () => {
  test('of a key that is asked for is what the generation rests on', async () => {
    const { syncing, settings, key } = await signedUpstream()
    await using _ = syncing
    expect(await syncing.check()).toMatchObject({ problems: [] })
    expect(chain(syncing)).toMatchObject({
      trust: 'OpenPGP',
      chain: [{ root: 'OpenPGP', fingerprint: owner, key, userId: 'Owner <owner@example.org>', gpgcheck: false }],
    })
    await syncing.offer(second)
    sign(syncing)
    expect(await syncing.run(settings)).toMatchObject({ result: 'published', generation: 2 })
  })

  test('is asked for by one conditional request where nothing has changed', async () => {
    const { syncing, settings } = await signedUpstream()
    await using _ = syncing
    const { requests } = syncing.upstream
    requests.length = 0
    expect(await syncing.run(settings)).toBeUndefined()
    expect(requests.map(({ path, status }) => `${path} ${status}`)).toEqual([
      '/repodata/repomd.xml 304',
      '/repodata/repomd.xml.asc 304',
    ])
  })

  test('that was made anew of what is published is verified, and nothing is published', async () => {
    const { syncing, settings } = await signedUpstream()
    await using _ = syncing
    sign(syncing, 'owner', { args: ['--set-policy-url', 'http://h/'] })
    expect(await syncing.run(settings)).toMatchObject({ result: 'unchanged' })
    expect(await syncing.run(settings)).toBeUndefined()
    sign(syncing, 'stranger')
    expect(await refused(syncing, settings)).toMatchObject({ line: expect.stringContaining('E_SIG: ') })
  })

  test.each<[what: string, line: string, spoil: (syncing: Syncing) => void]>([
    [
      'missing',
      'the upstream has no repomd.xml.asc beside it, and repo_gpgcheck asks for one',
      ({ dir }) => rmSync(ascOf(dir)),
    ],
    [
      'of another repomd.xml',
      'no good signature: signature of other bytes',
      ({ dir }) => writeFileSync(ascOf(dir), gnupg.sign('owner@example.org', Buffer.from('<repomd/>'))),
    ],
    ['of a key that nobody asked for', 'no good signature: unknown key', (syncing) => sign(syncing, 'stranger')],
    [
      'of an expired key',
      'no good signature: expired key',
      (syncing) => sign(syncing, 'expired', { at: '20200601T000000' }),
    ],
    ['of a revoked key', 'no good signature: revoked key', (syncing) => sign(syncing, 'revoked')],
    [
      'expired',
      'no good signature: expired signature',
      (syncing) => sign(syncing, 'owner', { at: '20240601T000000', args: ['--default-sig-expire', '1d'] }),
    ],
    [
      'of SHA-1',
      'no good signature: weak hash',
      (syncing) => sign(syncing, 'weak', { args: ['--digest-algo', 'SHA1'] }),
    ],
    [
      'inline',
      'no good signature: inline signature',
      ({ dir }) =>
        writeFileSync(
          ascOf(dir),
          gnupg.run(
            ['--local-user', 'owner@example.org', '--armor', '--sign'],
            readFileSync(join(dir, 'repodata/repomd.xml')),
          ),
        ),
    ],
    ['no signature but a page', 'no good signature: no signature', ({ dir }) => writeFileSync(ascOf(dir), '<html>')],
  ])('that is %s is refused, and the old generation stays', async (what, line, spoil) => {
    const users = ['owner', 'expired', 'revoked', 'weak'].map((user) => `${user}@example.org`)
    const { syncing, settings } = await signedUpstream(gnupg.publicKeys(...users))
    await using _ = syncing
    await syncing.offer(second)
    sign(syncing)
    spoil(syncing)
    if (what === 'of a revoked key') settings.gpgkey = [revokedKey(syncing)]
    const { line: found, isUntouched } = await refused(syncing, settings)
    expect(found).toContain(`E_SIG: Cannot fetch URL: ${line}`)
    expect(isUntouched).toBe(true)
    expect(chain(syncing)).toMatchObject({ number: 1 })
    sign(syncing)
    if (what !== 'of a revoked key') expect(await syncing.run(settings)).toMatchObject({ generation: 2 })
  })

  test('with a good signature and one of a stranger is good, and the other is told', async () => {
    const { syncing, settings } = await signedUpstream()
    await using _ = syncing
    await syncing.offer(second)
    const repomd = readFileSync(join(syncing.dir, 'repodata/repomd.xml'))
    const args = ['--local-user', 'owner@example.org']
    writeFileSync(ascOf(syncing.dir), gnupg.sign('stranger@example.org', repomd, { args }))
    expect(await syncing.run(settings)).toMatchObject({ generation: 2 })
    expect(syncing.notices.join('\n')).toContain('info: a signature of repomd.xml is passed over: unknown key')
  })

  test('of a key that is not pinned is refused, whatever the file of keys holds', async () => {
    const both = gnupg.publicKeys('owner@example.org', 'stranger@example.org')
    const { syncing, settings } = await signedUpstream(both)
    await using _ = syncing
    await syncing.offer(second)
    sign(syncing, 'stranger')
    const { line, isUntouched } = await refused(syncing, { ...settings, fingerprints: [owner.toUpperCase()] })
    expect(line).toContain('E_SIG: Cannot fetch URL: no good signature: not a pinned key')
    expect(isUntouched).toBe(true)
  })

  test('is verified before a byte of repomd.xml is interpreted', async () => {
    const { syncing, settings } = await signedUpstream()
    await using _ = syncing
    writeFileSync(join(syncing.dir, 'repodata/repomd.xml'), '<html>Sign in</html>')
    sign(syncing, 'stranger')
    expect((await refused(syncing, settings)).line).toContain('E_SIG: ')
  })

  test('that comes a moment after repomd.xml is waited for', async () => {
    const { syncing, settings } = await signedUpstream()
    await using _ = syncing
    const old = readFileSync(ascOf(syncing.dir))
    await syncing.offer(second)
    sign(syncing)
    syncing.upstream.rules.push({ path: 'repodata/repomd.xml.asc', times: 1, fault: { kind: 'replace', body: old } })
    expect(await syncing.run(settings)).toMatchObject({ generation: 2 })
  })

  test('that does not come is E_MOVING, and the old generation stays', async () => {
    const { syncing, settings } = await signedUpstream()
    await using _ = syncing
    const old = readFileSync(ascOf(syncing.dir))
    await syncing.offer(second)
    writeFileSync(ascOf(syncing.dir), old)
    expect(await refused(syncing, settings)).toEqual({
      line: 'E_MOVING: Cannot fetch URL: repodata/repomd.xml.asc is still the signature of the repomd.xml before; run again when the upstream has signed the new one',
      isUntouched: true,
    })
  })

  test('beside upstream’s own metadata is fetched once, and published', async () => {
    const { syncing, settings } = await signedUpstream()
    await using _ = syncing
    syncing.upstream.requests.length = 0
    await syncing.offer(second)
    sign(syncing)
    await syncing.run({ ...settings, metadata: 'upstream' })
    const asked = syncing.upstream.requests.filter(({ path }) => path.endsWith('.asc'))
    expect(asked).toHaveLength(1)
    expect(readFileSync(join(syncing.tree, 'repodata/repomd.xml.asc'))).toEqual(readFileSync(ascOf(syncing.dir)))
  })
})

describe.skipIf(!hasGpg)('what clients are given to trust', () => {
  const fingerprintsIn = (file: string) =>
    [
      ...gnupg
        .run(['--with-colons', '--show-keys', file])
        .toString()
        .matchAll(/^fpr:+([0-9A-F]+):/gm),
    ].map(([, hex]) => hex?.toLowerCase())

  test('is of a file at a URL only what is pinned, and nothing where none of it is', async () => {
    await using syncing = await startSyncing(first)
    const url = `${syncing.upstream.url}key.asc`
    const settings = { repo_gpgcheck: true, gpgkey: [url], fingerprints: [owner] }
    const upstreamKeys = join(syncing.dir, 'key.asc')
    writeFileSync(upstreamKeys, gnupg.publicKeys('stranger@example.org', 'owner@example.org'))
    sign(syncing)
    await syncing.run(settings)
    const published = join(syncing.tree, 'gpgkeys/key.asc')
    expect([fingerprintsIn(upstreamKeys).length, fingerprintsIn(published)]).toEqual([2, [owner]])

    const elsewhere = `${syncing.upstream.url}other.asc`
    writeFileSync(join(syncing.dir, 'other.asc'), gnupg.publicKeys('stranger@example.org'))
    await syncing.offer(second)
    sign(syncing)
    writeFileSync(upstreamKeys, gnupg.publicKeys('owner@example.org'))
    writeFileSync(join(syncing.dir, 'other.asc'), gnupg.publicKeys('stranger@example.org'))
    const { line, isUntouched } = await refused(syncing, { ...settings, gpgkey: [url, elsewhere] })
    expect(line).toContain(
      `Cannot publish the keys of ${elsewhere}: none of them is in fingerprints; add that of its key`,
    )
    expect([isUntouched, line.startsWith('E_KEY: ')]).toEqual([true, true])
  })

  test('beside upstream’s own metadata is the key that has signed it, and no other', async () => {
    const { syncing, settings } = await signedUpstream()
    await using _ = syncing
    const verbatim = { ...settings, metadata: 'upstream' }
    const [key, published] = [syncing.dir, syncing.tree].map((dir) => join(dir, 'repodata/repomd.xml.key'))
    writeFileSync(key as string, gnupg.publicKeys('owner@example.org'))
    await syncing.run(verbatim)
    expect(readFileSync(published as string)).toEqual(readFileSync(key as string))
    await syncing.offer(second)
    sign(syncing)
    writeFileSync(key as string, gnupg.publicKeys('owner@example.org', 'stranger@example.org'))
    expect(await syncing.run(verbatim)).toMatchObject({ result: 'published' })
    expect(existsSync(published as string)).toBe(false)
    expect(syncing.notices.join('\n')).toContain(
      `warn: repodata/repomd.xml.key is left out: it is not the key that has signed repomd.xml, ${owner}`,
    )
  })

  test('does not hold for ever: a key that is taken out of its file counts no more', async () => {
    const { syncing, settings, key } = await signedUpstream()
    await using _ = syncing
    expect(await syncing.run(settings)).toBeUndefined()
    writeFileSync(key, gnupg.publicKeys('stranger@example.org'))
    const { line, isUntouched } = await refused(syncing, settings)
    expect(line).toContain('E_SIG: Cannot fetch URL: no good signature: unknown key')
    expect(isUntouched).toBe(true)
  })

  test('is no kickstart tree that came by an open way, where trust is required', async () => {
    const { syncing, settings } = await signedUpstream()
    await using _ = syncing
    await makeKickstart(syncing.dir, images)
    const required = { ...settings, trust: 'required' }
    const { line, isUntouched } = await refused(syncing, { ...required, kickstart: 'auto' })
    expect(line).toMatch(
      /^E_SIG: .*trust is required, and nothing vouches for .treeinfo from http:.*; mirror from https/,
    )
    expect(isUntouched).toBe(true)
    writeFileSync(join(syncing.dir, 'EULA'), 'terms\n')
    const extra = await refused(syncing, { ...required, extra_files: ['EULA'] })
    expect(extra.line).toContain('nothing vouches for EULA from http:')
    expect(extra.isUntouched).toBe(true)
    expect(await syncing.run(required)).toMatchObject({ result: 'unchanged' })
  })
})

describe.skipIf(!hasGpg)('a key at a URL', () => {
  test('is remembered, and another one in its place is told and only taken where nothing is pinned', async () => {
    await using syncing = await startSyncing(first)
    const at = (name: string) => `${syncing.upstream.url}${name}`
    const pinned = { repo_gpgcheck: true, gpgkey: [at('key.asc')], fingerprints: [owner] }
    const offer = async (user: string) => {
      await syncing.offer([{ name: user }])
      writeFileSync(join(syncing.dir, 'key.asc'), gnupg.publicKeys(`${user}@example.org`))
      sign(syncing, user)
    }
    await offer('owner')
    await syncing.run(pinned)
    expect(syncing.upstream.requests.filter(({ path }) => path === '/key.asc')).toHaveLength(1)
    await offer('stranger')
    const { line, isUntouched } = await refused(syncing, pinned, { acceptShrink: true })
    expect(line).toContain('not a pinned key')
    expect(isUntouched).toBe(true)
    expect(syncing.notices.join('\n')).toMatch(
      /warn: the keys at http:.*\/key.asc have changed: [0-9a-f]{40} is new, [0-9a-f]{40} is gone; only those in fingerprints count/,
    )
  })

  test('that cannot be had is replaced by the remembered one, and that is told', async () => {
    await using syncing = await startSyncing(first)
    const settings = { repo_gpgcheck: true, gpgkey: [`${syncing.upstream.url}key.asc`], fingerprints: [owner] }
    writeFileSync(join(syncing.dir, 'key.asc'), gnupg.publicKeys('owner@example.org'))
    sign(syncing)
    await syncing.run(settings)
    await syncing.offer(second)
    sign(syncing, 'stranger')
    syncing.upstream.rules.push({ path: 'key.asc', fault: { kind: 'status', status: 404 } })
    expect((await refused(syncing, settings)).line).toContain('unknown key')
    expect(syncing.notices.join('\n')).toMatch(
      /warn: Cannot fetch http:.*\/key.asc: .*404.*; the keys of before are used/,
    )
  })
})

/** A file with the key of the user `revoked`, after its owner has revoked it. */
function revokedKey({ site }: Syncing): string {
  const fingerprint = /^fpr:+([0-9A-F]+):/m.exec(
    gnupg.run(['--with-colons', '--list-keys', 'revoked@example.org']).toString(),
  )?.[1] as string
  const file = join(gnupg.home, 'openpgp-revocs.d', `${fingerprint}.rev`)
  gnupg.run(['--import'], readFileSync(file, 'utf8').replace(/^:-/m, '-'))
  const key = site.path('revoked.asc')
  writeFileSync(key, gnupg.publicKeys('revoked@example.org'))
  return key
}
