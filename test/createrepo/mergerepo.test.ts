import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { parseRepomd } from '../../src/repodata/repomd.ts'
import { checkTree } from '../helpers/checker.ts'
import { type Accepted, accepted, compareMetadata, unaccepted } from '../helpers/compareMetadata.ts'
import { judge } from '../helpers/judges.ts'
import { runMirror } from '../helpers/mirror.ts'
import { makeRepository } from '../helpers/repository.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'
import { startUpstream } from '../helpers/upstream.ts'

/** What differs from mergerepo_c, and why. */
const known: Accepted[] = [
  ...accepted,
  {
    reason: 'mergerepo_c writes an empty updateinfo whatever the repositories have',
    matches: /^repomd: only theirs: updateinfo$/,
  },
  { reason: 'mergerepo_c does not count packages of the same version', matches: /packages="|^\w+@packages: / },
  {
    reason: 'old ones compress databases alone as --compress-type says',
    matches: /^repomd: \w+\/location@href: ours "[^"]+\.xz", theirs "[^"]+\.gz"$/,
    versions: /\b0\./,
  },
  { reason: 'origins are in the order of the packages, not of a hash table', matches: /^origin: / },
]

describe('what mergerepo_c makes of the same command', () => {
  test
    .skipIf(!judge('mergerepo_c'))
    .each([
      '-r BASE -r UPDATES --method nvr',
      '-r UPDATES -r BASE --method nvr',
      '-r BASE -r UPDATES --method ts',
      '-r BASE -r UPDATES --all',
      '-r BASE -r UPDATES --all --omit-baseurl',
      '-r file://BASE -r UPDATES/ --all',
      '-r UPDATES -r BASE --all --archlist x86_64',
      '-r UPDATES -r BASE --all --archlist aarch64,x86_64 --arch-expand',
      '-r UPDATES -r BASE --all --archlist src',
      '-r FLAT -r BASE --all --noarch-repo NOARCH',
      '-r BASE -r UPDATES --koji',
      '-r BASE -r UPDATES --koji --archlist x86_64 --blocked BLOCKED',
      '-r BASE -r UPDATES --koji --simple --archlist x86_64',
      '-r BASE -r UPDATES --all --pkgorigins',
      '-r BASE -r UPDATES --all --repo-prefix-search DIR --repo-prefix-replace http://example.com/x',
      '-r BASE -r UPDATES --method nvr --simple-md-filenames --compress-type xz',
    ])('%s', async (command) => {
    await using place = await makePlace()
    // The versions of mergerepo_c have different defaults.
    const args = place.args(command.includes('--compress-type') ? command : `${command} --compress-type gz`)
    execFileSync('mergerepo_c', [...args, '--no-database', '-o', place.theirs], { stdio: 'pipe' })
    await merge(...args, '-o', place.ours)
    const version = execFileSync('mergerepo_c', ['--version'], { encoding: 'utf8' })
    expect(unaccepted(compareMetadata(place.ours, place.theirs), version, known)).toEqual([])
    expect((await checkTree(place.ours, { verifyPackages: 'none' })).problems).toEqual([])
    expect(linesOf(place.ours, 'origin').sort()).toEqual(expect.arrayContaining(linesOf(place.theirs, 'origin')))
  })
})

test('of one name and arch the first repository has its say, and of one repository the newest', async () => {
  await using place = await makePlace()
  expect(await merged(place, '-r BASE -r UPDATES')).toContain('a-1-1.x86_64')
  expect(await merged(place, '-r UPDATES -r BASE')).toEqual(expect.arrayContaining(['a-2-1.x86_64', 'a-1-1.i686']))
})

test('a relative path names the folder that it is relative to now', async () => {
  await using place = await makePlace()
  expect(await runMirror(['mergerepo', '-r', 'base'], { cwd: place.dir })).toMatchObject({ status: 0 })
  const primary = documentOf(join(place.dir, 'merged_repo'), 'primary')
  expect(primary.match(/xml:base="[^"]*"/)?.[0]).toBe(`xml:base="file://${place.dir}/base"`)
})

test('databases describe the merged packages', async () => {
  await using place = await makePlace()
  await merge(...place.args('-r BASE -r UPDATES --all --database -o OURS'))
  expect(typesOf(place.ours)).toEqual(['primary', 'filelists', 'other', 'primary_db', 'filelists_db', 'other_db'])
})

test('a repository on a server is merged', async () => {
  await using place = await makePlace()
  await using upstream = await startUpstream(place.dir)
  await merge('-r', `${upstream.url}base`, '-r', `${upstream.url}updates/`, '--all', '-o', place.ours)
  await merge(...place.args('-r BASE -r UPDATES --all -o THEIRS'))
  expect(documentOf(place.ours, 'primary')).toContain(`xml:base="${upstream.url}base"`)
  const differences = compareMetadata(place.ours, place.theirs).filter((line) => !/xml:base|revision/.test(line))
  expect(differences.filter((line) => line.startsWith('primary') || line.startsWith('filelists'))).toEqual([])
  const { status, stderr } = await runMirror(['mergerepo', '-r', `${upstream.url}none`, '-o', place.ours])
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: expect.stringMatching(/^E_HTTP: Cannot fetch .*none\/repodata\/repomd\.xml: .*404/),
  })
})

test('advisories, modules and the first groups go with the packages', async () => {
  await using place = await makePlace()
  const update = (id: string, more = '') =>
    `<update type="security"><id>${id}</id>${more}<updated date="2025"/></update>`
  const updateinfo = (...updates: string[]) => `<?xml version="1.0"?>\n<updates>\n${updates.join('\n')}\n</updates>\n`
  const modules = (stream: string) =>
    `---\ndocument: modulemd\nversion: 2\ndata:\n  name: m\n  stream: "${stream}"\n...\n`
  const one = [
    { type: 'updateinfo', name: 'updateinfo.xml.gz', body: updateinfo(update('A'), update('B')) },
    { type: 'modules', name: 'modules.yaml.gz', body: modules('1') },
    { type: 'group', name: 'comps.xml', body: '<comps><one/></comps>' },
  ]
  const two = [
    {
      type: 'updateinfo',
      name: 'updateinfo.xml',
      body: updateinfo(update('B'), update('A', '<!-- 2 --><title>]]</title>')),
    },
    { type: 'modules', name: 'modules.yaml.gz', body: modules('1') + modules('2') },
    { type: 'group', name: 'comps.xml', body: '<comps><two/></comps>' },
  ]
  await makeRepository(place.folder('base'), [{ name: 'a' }], { records: one })
  await makeRepository(place.folder('updates'), [{ name: 'a' }], { records: two })
  await merge(...place.args('-r BASE -r UPDATES -o OURS'))
  expect(documentOf(place.ours, 'updateinfo').match(/<id>.<\/id>|<title>/g)).toEqual([
    '<id>A</id>',
    '<id>B</id>',
    '<id>A</id>',
    '<title>',
  ])
  expect(documentOf(place.ours, 'modules').match(/stream: .*/g)).toEqual(['stream: "1"', 'stream: "2"'])
  expect(documentOf(place.ours, 'group')).toBe('<comps><one/></comps>')
  await merge(...place.args('-r BASE -r UPDATES --nogroups --noupdateinfo -o OURS'))
  expect(typesOf(place.ours)).toEqual(['primary', 'filelists', 'other', 'modules'])
})

test('a group file of any name', async () => {
  await using place = await makePlace()
  writeFileSync(join(place.dir, 'primary.xml'), '<comps/>')
  await merge(...place.args('-r BASE -o OURS'), '-g', join(place.dir, 'primary.xml'))
  expect(documentOf(place.ours, 'group')).toBe('<comps/>')
  expect(documentOf(place.ours, 'primary')).toContain('<metadata ')
})

test('the same merge again changes nothing', async () => {
  await using place = await makePlace()
  const command = place.args('mergerepo -r BASE -r UPDATES -v -o OURS')
  expect((await runMirror(command)).stderr).toMatch(/: \d+ packages, published\n$/)
  expect((await runMirror(command)).stderr).toMatch(/: \d+ packages, as it was\n$/)
})

test.each<[string, string, number, RegExp]>([
  ['no repository', '', 1, /^E_USAGE: no repository to merge; /],
  ['a folder that is no repository', '-r DIR', 1, /^E_REPOMD: .*repodata\/repomd\.xml does not exist; /],
  ['--blocked without --koji', '-r BASE -b BLOCKED', 1, /^E_USAGE: --blocked: only with --koji/],
  ['half a prefix', '-r BASE --repo-prefix-search x', 1, /^E_USAGE: --repo-prefix-search and /],
  ['zchunk', '-r BASE --zck', 1, /^E_USAGE: zchunk files are not written here; /],
  ['filelists that lack a package', '-r BROKEN', 1, /^E_MISMATCH: .*filelists/],
  ['advisories that are cut off', '-r CUT', 1, /^E_XML: Cannot read updateinfo of .*cut off/],
  ['filelists-ext that is not there', '-r BASE --filelists-ext', 1, /^E_REPOMD: Cannot read filelists-ext of /],
])('%s is refused in one line, and nothing is left', async (_, command, status, line) => {
  await using place = await makePlace()
  await makeRepository(place.folder('broken'), [{ name: 'a' }, { name: 'b' }], { omitFromFilelists: ['a'] })
  const cut = { type: 'updateinfo', name: 'updateinfo.xml', body: '<updates><update><id>A</id></update><update>' }
  await makeRepository(place.folder('cut'), [{ name: 'a' }], { records: [cut] })
  const result = await runMirror(['mergerepo', ...place.args(command), '-o', place.ours])
  expect(result).toMatchObject({ status, stderr: expect.stringMatching(line) })
  expect(existsSync(place.ours) ? readdirSync(place.ours) : []).toEqual([])
})

async function merge(...args: string[]): Promise<void> {
  const { status, stderr } = await runMirror(['mergerepo', ...args])
  if (status !== 0) throw new Error(stderr)
}

/** The NEVRAs of what a command merges. */
async function merged(place: Place, command: string): Promise<string[]> {
  rmSync(place.ours, { recursive: true, force: true })
  await merge(...place.args(command), '-o', place.ours)
  return (await checkTree(place.ours, { verifyPackages: 'none' })).packages.map(({ nevra }) =>
    nevra.replace('-0:', '-'),
  )
}

type Place = AsyncDisposable & {
  dir: string
  ours: string
  theirs: string
  folder(name: string): string
  /** The words of a command, capital ones replaced by the paths that they stand for. */
  args(command: string): string[]
}

/** Repositories with packages in common. */
async function makePlace(): Promise<Place> {
  const temporary = await makeTemporaryFolder()
  const dir = temporary.path
  const folder = (name: string) => join(dir, name)
  const time = 1_700_000_000
  const noarch = { name: 'b', version: '1.0', arch: 'noarch' }
  await makeRepository(folder('base'), [
    { name: 'a', version: '1', buildTime: time },
    { name: 'a', version: '1', arch: 'i686', buildTime: time },
    { name: 'b', version: '2.0', buildTime: time + 50 },
    noarch,
    { name: 'src', arch: 'src' },
    { name: 'c', epoch: '1', version: '1' },
    { name: 'd', version: '3', arch: 'aarch64' },
  ])
  await makeRepository(
    folder('updates'),
    [
      { name: 'a', version: '2', buildTime: time - 5 },
      { name: 'b', version: '1.9', buildTime: time + 60 },
      { ...noarch, summary: 'other' },
      { name: 'c', version: '7' },
      { name: 'e' },
    ],
    { order: 'reversed' },
  )
  await makeRepository(folder('flat'), [{ ...noarch, href: 'b-1.0-1.noarch.rpm' }])
  await makeRepository(folder('noarch'), [{ ...noarch, href: 'b-1.0-1.noarch.rpm', summary: 'replaced' }])
  mkdirSync(folder('lists'))
  writeFileSync(folder('lists/blocked'), 'b\n\nnothing\n')
  const paths: Record<string, string> = { BLOCKED: folder('lists/blocked'), DIR: dir }
  const pathOf = (word: string) => paths[word] ?? folder(word.toLowerCase())
  const args = (command: string) =>
    command
      .split(' ')
      .filter(Boolean)
      .map((word) => word.replace(/[A-Z]{3,}/, pathOf))
  return {
    dir,
    ours: folder('ours'),
    theirs: folder('theirs'),
    folder,
    args,
    [Symbol.asyncDispose]: temporary[Symbol.asyncDispose],
  }
}

function typesOf(dir: string): string[] {
  return parseRepomd(readFileSync(join(dir, 'repodata/repomd.xml'))).records.map(({ type }) => type)
}

/** A document of a repository, unpacked; empty where it has none of the type. */
function documentOf(dir: string, type: string): string {
  const { records } = parseRepomd(readFileSync(join(dir, 'repodata/repomd.xml')))
  const record = records.find((one) => one.type === type)
  if (record === undefined) return ''
  const unpack = record.href.endsWith('.gz') ? gunzipSync : zstdDecompressSync
  return unpack(readFileSync(join(dir, record.href))).toString()
}

function linesOf(dir: string, type: string): string[] {
  return documentOf(dir, type).split('\n')
}
