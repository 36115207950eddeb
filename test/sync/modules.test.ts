import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseRepomd } from '../../src/repodata/repomd.ts'
import { decompress } from '../helpers/checker/digest.ts'
import { artifactOf, defaultStream, modulesYaml } from '../helpers/modulemd.ts'
import { type PackageSpec, packageFile } from '../helpers/repository.ts'
import { type Syncing, startSyncing } from './syncing.ts'

const built = (name: string, version: string): PackageSpec => ({ name, version, release: `1.module+el9+${version}` })
const [old, newer, other] = [built('app', '1'), built('app', '2'), built('other', '1')]
const bash: PackageSpec[] = [
  { name: 'bash', version: '1' },
  { name: 'bash', version: '2' },
]
const gone = artifactOf(built('debug', '1'))
const modules = modulesYaml(
  [
    { name: 'app', stream: 's', version: 1, artifacts: [artifactOf(old)] },
    { name: 'app', stream: 's', version: 2, artifacts: [artifactOf(newer), gone] },
    { name: 'other', stream: 's', version: 1, artifacts: [artifactOf(other)] },
    { name: 'empty', stream: 's', version: 1, artifacts: [] },
  ],
  defaultStream('app', 's'),
  'document: modulemd-obsoletes\nversion: 1\ndata: {modified: 2025-01-01T00:00Z, module: app, stream: "0", message: no}\n',
)
const record = (body: string, name = 'modules.yaml.gz') => ({ type: 'modules', name, body })

describe('modules documents', () => {
  test.each(['modules.yaml.gz', 'modules.yaml.xz', 'modules.yaml.zst', 'modules.yaml'])(
    'name only what is there where the selection dropped some: %s',
    async (name) => {
      const stale = { type: 'modules_zck', name: 'modules.yaml.zck', body: 'x' }
      await using syncing = await startSyncing([old, newer, other], { records: [record(modules, name), stale] })
      expect(await syncing.run({ newest_only: true })).toMatchObject({ packages: 2 })
      expect((await syncing.check()).problems).toEqual([])
      const [first, ...rest] = modules.split(/(?=^---\ndocument: modulemd\n)/m)
      const expected = [first, rest[1]?.replace(`    - ${gone}\n`, ''), ...rest.slice(2)].join('')
      expect(published(syncing, 'modules').text).toBe(expected)
      expect(published(syncing, 'modules').href).toMatch(
        name.endsWith('xz') ? /-modules\.yaml\.gz$/ : new RegExp(`-${name}$`),
      )
      expect(published(syncing, 'modules_zck').href).toBeUndefined()
      expect(syncing.notices).toEqual([])
      expect(await syncing.run({ newest_only: true })).toBeUndefined()
    },
  )

  test('are upstream’s own bytes where it dropped none that they name', async () => {
    const upstream = [newer, other, ...bash]
    await using syncing = await startSyncing(upstream, { records: [record(modules, 'modules.yaml.xz')] })
    const body = published({ tree: syncing.dir }, 'modules')
    expect(await syncing.run({ newest_only: true })).toMatchObject({ packages: 3 })
    expect(published(syncing, 'modules').bytes).toEqual(body.bytes)
    await syncing.run()
    expect(published(syncing, 'modules').bytes).toEqual(body.bytes)
  })

  test('are trimmed by globs, too, and whole again when all is wanted', async () => {
    await using syncing = await startSyncing([old, newer, other], { records: [record(modules)] })
    await syncing.run({ excludepkgs: 'other' })
    expect(published(syncing, 'modules').text).not.toContain('name: other')
    await syncing.run()
    expect(published(syncing, 'modules').text).toBe(modules)
  })

  test('name packages that stay after the upstream dropped them', async () => {
    await using syncing = await startSyncing([newer, other, ...bash], { records: [record(modules)] })
    const settings = { removed: 'keep', newest_only: true }
    await syncing.run(settings)
    await syncing.offer([newer, ...bash, built('app', '0')], {
      records: [record(modules.replace(gone, artifactOf(built('app', '0'))))],
    })
    await syncing.run({ ...settings, excludepkgs: 'app-0' })
    expect(published(syncing, 'modules').text).toContain(artifactOf(other))
    expect(published(syncing, 'modules').text).not.toContain(artifactOf(built('app', '0')))
  })

  test('of streams that the upstream has forgotten stay with packages that it has dropped', async () => {
    await using syncing = await startSyncing([newer, other, ...bash], { records: [record(modules)] })
    const keeping = { removed: 'keep' }
    await syncing.run(keeping)
    const own = /---\ndocument: modulemd\nversion: 2\ndata:\n {2}name: other\n[\s\S]*?\.\.\.\n/.exec(
      modules,
    )?.[0] as string
    const left = modules.replace(own, '')
    await syncing.offer([newer], { records: [record(left)] })
    await syncing.run(keeping)
    const text = published(syncing, 'modules').text
    expect(text.endsWith(own)).toBe(true)
    expect(text).toContain(artifactOf(newer))
    expect(text).not.toContain(gone)
    await syncing.offer([newer, ...bash.slice(0, 1)], { records: [record(left)] })
    await syncing.run(keeping)
    expect(published(syncing, 'modules').text).toBe(text)
    await syncing.offer([{ name: 'zsh' }])
    await syncing.run(keeping)
    const all = published(syncing, 'modules').text
    expect(all).toContain(own)
    expect(all).toContain(artifactOf(newer))
    await syncing.run()
    expect(published(syncing, 'modules').href).toBeUndefined()
    expect((await syncing.check()).problems).toEqual([])
  })

  test('that are broken stop a run that chooses by them, and ride along in another', async () => {
    await using syncing = await startSyncing([old], { records: [record(`${modules}---\n- [x\n`)] })
    await expect(syncing.run({ newest_only: true })).rejects.toMatchObject({
      code: 'E_MODULES',
      message: expect.stringMatching(/^Cannot sync from \S+: Cannot read modules: document 7: /),
    })
    expect(await syncing.run()).toMatchObject({ packages: 1 })
  })

  test('are missed once where modular packages come without, and these all stay', async () => {
    await using syncing = await startSyncing([old, newer, ...bash])
    expect(await syncing.run({ newest_only: true })).toMatchObject({ packages: 3 })
    const warning = 'the upstream has no modules documents; clients take its 2 modular packages for ordinary ones'
    expect(syncing.notices).toEqual([`warn: ${warning}`])
  })
})

describe('updateinfo', () => {
  const update = (id: string, ...specs: PackageSpec[]) =>
    `<update type="security"><id>${id}</id><pkglist><collection>${specs.map(packageElement).join('')}</collection></pkglist></update>`
  const updates = (...all: string[]) =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<updates>\n${all.map((each) => `  ${each}\n`).join('')}</updates>\n`
  const body = updates(update('OLD', bash[0]!), update('BOTH', ...bash), update('NEW', bash[1]!))
  const records = [{ type: 'updateinfo', name: 'updateinfo.xml.xz', body }]

  test('is upstream’s, whatever is selected', async () => {
    await using syncing = await startSyncing(bash, { records })
    await syncing.run({ newest_only: true })
    expect(published(syncing, 'updateinfo').bytes).toEqual(published({ tree: syncing.dir }, 'updateinfo').bytes)
  })

  test('is of what is there, on request', async () => {
    await using syncing = await startSyncing(bash, { records })
    const settings = { newest_only: true, updateinfo: 'present' }
    await syncing.run(settings)
    expect((await syncing.check()).problems).toEqual([])
    expect(published(syncing, 'updateinfo').text).toBe(updates(update('BOTH', bash[1]!), update('NEW', bash[1]!)))
    expect(await syncing.run(settings)).toBeUndefined()
    await syncing.run({ updateinfo: 'present' })
    expect(published(syncing, 'updateinfo').bytes).toEqual(published({ tree: syncing.dir }, 'updateinfo').bytes)
  })
})

function packageElement(spec: PackageSpec): string {
  return `<package name="${spec.name}" version="${spec.version}" release="1" epoch="0" arch="x86_64"><filename>${packageFile(spec)}</filename></package>`
}

/** A record of what is published, undefined where there is none: its href, its bytes and what they unpack to. */
function published({ tree }: Pick<Syncing, 'tree'>, type: string) {
  const { records } = parseRepomd(readFileSync(join(tree, 'repodata/repomd.xml')))
  const href = records.find((each) => each.type === type)?.href
  const bytes = href === undefined ? Buffer.alloc(0) : readFileSync(join(tree, href))
  return { href, bytes, text: decompress(bytes).toString() }
}
