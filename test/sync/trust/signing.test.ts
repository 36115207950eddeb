import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isSigned, repoFile } from '../../../src/publish/clientRepo.ts'
import { askGpgv, type Gnupg, makeGnupg } from '../../helpers/gpg.ts'
import { judge } from '../../helpers/judges.ts'
import { makeSite, runMirror } from '../../helpers/mirror.ts'
import { makeRepository } from '../../helpers/repository.ts'
import { makeTemporaryFolder, type TemporaryFolder } from '../../helpers/temporary.ts'
import { startUpstream } from '../../helpers/upstream.ts'
import { listing } from '../faults/listing.ts'
import { type Syncing, startSyncing } from '../syncing.ts'

const hasGpg = judge('gpg', 'gpgv')
const packages = [{ name: 'alpha' }]

let folder: TemporaryFolder
let gnupg: Gnupg

beforeAll(async () => {
  if (!hasGpg) return
  folder = await makeTemporaryFolder()
  gnupg = makeGnupg(folder.path)
  for (const name of ['Mirror', 'Next', 'Locked']) gnupg.key(name, 'ed25519')
}, 120_000)

afterAll(async () => {
  gnupg?.[Symbol.dispose]()
  await folder?.[Symbol.asyncDispose]()
})

/** A file that only its owner may read. */
function secretFile({ site }: Syncing, name: string, content: string | Buffer): string {
  const file = site.path(name)
  writeFileSync(file, content)
  chmodSync(file, 0o600)
  return file
}

/** An upstream, and the settings to sign what is made of it. */
async function signing(user = 'mirror') {
  const syncing = await startSyncing(packages)
  const sign = secretFile(syncing, 'sign.key', gnupg.privateKey(`${user}@example.org`))
  return { syncing, settings: { sign }, sign }
}

const read = ({ tree }: Syncing, name: string) => readFileSync(join(tree, 'repodata', name))

/** What gpgv says of the published signature, by the published key. */
function verdict(syncing: Syncing) {
  const key = gnupg.run(['--dearmor'], read(syncing, 'repomd.xml.key'))
  return askGpgv(folder.path, key, read(syncing, 'repomd.xml.asc'), read(syncing, 'repomd.xml')).good
}

/** The error of a run, and whether the published tree is as it was. */
async function refused(syncing: Syncing, settings: object) {
  const before = await listing(syncing.tree)
  const error = await syncing.run(settings).then(
    () => undefined,
    (caught: Error & { code?: string }) => caught,
  )
  const isUntouched = JSON.stringify(before) === JSON.stringify(await listing(syncing.tree))
  return { line: `${error?.code}: ${error?.message}`, isUntouched }
}

describe.skipIf(!hasGpg)('with a key to sign with', () => {
  test('repomd.xml has a signature and the key beside it, and clients are told', async () => {
    const { syncing, settings } = await signing()
    await using _ = syncing
    await syncing.run(settings)
    expect(verdict(syncing)).toBe(true)
    const repo = await syncing.repo(settings)
    expect(repoFile(repo, 'http://h/', isSigned(syncing.site.root, repo))).toContain(
      'gpgcheck=1\ngpgkey=http://h/base/repodata/repomd.xml.key\nrepo_gpgcheck=1\n',
    )
    expect(await syncing.check()).toMatchObject({ problems: [] })
  })

  test('what has not changed keeps its signature, and a look finds nothing to do', async () => {
    const { syncing, settings } = await signing()
    await using _ = syncing
    await syncing.run(settings)
    const before = read(syncing, 'repomd.xml.asc')
    expect(await syncing.run(settings)).toBeUndefined()
    expect(await syncing.run({ ...settings, retain: '1h', min_age: 0, excludepkgs: ['nothing'] })).toMatchObject({
      result: 'unchanged',
    })
    expect(read(syncing, 'repomd.xml.asc')).toEqual(before)
    await syncing.offer([{ name: 'alpha' }, { name: 'beta' }])
    expect(await syncing.run(settings)).toMatchObject({ generation: 2 })
    expect(verdict(syncing)).toBe(true)
  })

  test('another key publishes anew, and none takes the signature away', async () => {
    const { syncing, settings, sign } = await signing()
    await using _ = syncing
    await syncing.run({})
    expect(await syncing.run(settings)).toMatchObject({ result: 'published', generation: 2 })
    writeFileSync(sign, gnupg.privateKey('next@example.org'))
    expect(await syncing.run(settings)).toMatchObject({ result: 'published', generation: 3 })
    expect(verdict(syncing)).toBe(true)
    expect(await syncing.run({})).toMatchObject({ result: 'published', generation: 4 })
    expect(existsSync(join(syncing.tree, 'repodata/repomd.xml.asc'))).toBe(false)
    expect(existsSync(join(syncing.tree, 'repodata/repomd.xml.key'))).toBe(false)
  })

  test('a key that cannot sign fails the run, and the old generation stays', async () => {
    const { syncing, settings, sign } = await signing()
    await using _ = syncing
    await syncing.run(settings)
    await syncing.offer([{ name: 'beta' }, { name: 'alpha' }])
    writeFileSync(sign, '-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nAAAA\n-----END PGP PRIVATE KEY BLOCK-----\n')
    const { line, isUntouched } = await refused(syncing, settings)
    expect(line).toMatch(/^E_KEY: .*sign: .*sign.key: Cannot sign with this key: /)
    expect(isUntouched).toBe(true)
  })
})

describe.skipIf(!hasGpg)('a program that signs', () => {
  const script = (user: string) =>
    `#!/bin/sh\nexec gpg --homedir ${gnupg.home} --batch --quiet --local-user ${user}@example.org --armor --detach-sign\n`

  test('gets what is to be signed on its stdin, and its signature is checked by the public key', async () => {
    await using syncing = await startSyncing(packages)
    const key = syncing.site.path('public.asc')
    writeFileSync(key, gnupg.publicKeys('mirror@example.org'))
    const command = syncing.site.path('sign.sh')
    writeFileSync(command, script('mirror'), { mode: 0o755 })
    const settings = { sign: key, sign_command: command }
    await syncing.run(settings)
    expect(verdict(syncing)).toBe(true)

    await syncing.offer([{ name: 'beta' }, { name: 'alpha' }])
    writeFileSync(command, script('next'))
    const other = await refused(syncing, settings)
    expect(other.line).toMatch(
      /E_KEY: .*what .*sign.sh has signed is not of the key in .*public.asc: no good signature: unknown key/,
    )
    writeFileSync(command, '#!/bin/sh\necho the token is locked >&2; exit 3\n')
    const failing = await refused(syncing, settings)
    expect(failing.line).toMatch(/E_KEY: .*sign_command .*sign.sh failed: the token is locked$/)
    expect([other.isUntouched, failing.isUntouched]).toEqual([true, true])
  })

  test('is not given the variables in which secrets are', async () => {
    await using site = await makeSite()
    await makeRepository(site.path('upstream'), packages)
    await using upstream = await startUpstream(site.path('upstream'))
    const [key, command, seen] = ['public.asc', 'sign.sh', 'seen'].map((name) => site.path(name)) as [
      string,
      string,
      string,
    ]
    writeFileSync(key, gnupg.publicKeys('mirror@example.org'))
    writeFileSync(command, script('mirror').replace('exec', `env >${seen}\nexec`), { mode: 0o755 })
    const repo = { baseurl: upstream.url, username: 'me', password_file: 'env:UPSTREAM_PASSWORD' }
    await site.writeConfig({ repos: { repo: { ...repo, sign: key, sign_command: command } } })
    const env = { UPSTREAM_PASSWORD: 'canary', NO_SECRET: 'seen' }
    expect(await runMirror(['sync', '-c', site.configFile], { env })).toMatchObject({ status: 0 })
    expect(upstream.requests[0]?.headers.authorization).toBe(`Basic ${Buffer.from('me:canary').toString('base64')}`)
    expect(readFileSync(seen, 'utf8')).toContain('NO_SECRET=seen')
    expect(readFileSync(seen, 'utf8')).not.toContain('canary')
  })
})
