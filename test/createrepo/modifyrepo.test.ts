import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { parseRepomd, type Repomd, type RepomdRecord } from '../../src/repodata/repomd.ts'
import { checkTree } from '../helpers/checker.ts'
import { judge } from '../helpers/judges.ts'
import { runMirror } from '../helpers/mirror.ts'
import { makeRepository } from '../helpers/repository.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'
import { shownNames } from '../publish/sets.ts'

describe('what modifyrepo_c makes of the same command', () => {
  test
    .skipIf(!judge('modifyrepo_c'))
    .each([
      [['FILES/updateinfo.xml', 'REPODATA']],
      [['--no-compress', 'FILES/updateinfo.xml', 'REPODATA']],
      [['--compress-type=xz', 'FILES/updateinfo.xml', 'REPODATA']],
      [['--compress-type=bz2', '--checksum=sha512', 'FILES/updateinfo.xml', 'REPODATA']],
      [['-s', 'sha', '--simple-md-filenames', 'FILES/updateinfo.xml', 'REPODATA']],
      [['--mdtype=group', '--new-name=comps.xml', 'FILES/updateinfo.xml', 'REPODATA']],
      [['--mdtype', 'x', 'FILES/packed.txt.gz', 'REPODATA']],
      [['--no-compress', 'FILES/packed.txt.gz', 'REPODATA']],
      [['--remove', 'modules', 'REPODATA']],
      [['--remove', 'modules.yaml', 'REPODATA']],
      [['--remove', 'nothing', 'REPODATA']],
      [['FILES/modules.yaml', 'REPODATA']],
      [['--batchfile', 'FILES/batch', 'REPODATA']],
    ])('%j', async (command) => {
    await using place = await makePlace()
    // The versions of modifyrepo_c have different defaults.
    const words = command.some((word) => word.includes('compress')) ? command : ['--compress-type=gz', ...command]
    const theirs = words.map((word) => word.replace('FILES', place.files).replace('REPODATA', `${place.two}/repodata`))
    const ours = words.map((word) => word.replace('FILES', place.files).replace('REPODATA', `${place.one}/repodata`))
    execFileSync('modifyrepo_c', theirs, { stdio: 'pipe' })
    expect(await runMirror(['modifyrepo', ...ours])).toMatchObject({ status: 0, stdout: '' })
    expect(meaning(place.one)).toEqual(meaning(place.two))
    expect((await checkTree(place.one)).problems).toEqual([])
  })
})

test('what is added is there at once, and what it replaces stays for clients in flight', async () => {
  await using place = await makePlace()
  const old = named(place.one, 'modules')
  const before = shownNames(place.one)
  await run('modifyrepo', join(place.files, 'modules.yaml'), join(place.one, 'repodata'))
  expect(named(place.one, 'modules')?.href).not.toBe(old?.href)
  expect(shownNames(place.one)).toEqual(expect.arrayContaining(before))
})

test('runs at once each keep what the others added', async () => {
  await using place = await makePlace()
  const types = ['one', 'two', 'three', 'four']
  for (const type of types) writeFileSync(join(place.files, `${type}.txt`), type)
  const runs = types.map((type) =>
    runMirror(['modifyrepo', join(place.files, `${type}.txt`), join(place.one, 'repodata')]),
  )
  const added = (await Promise.all(runs)).flatMap(({ status }, i) => (status === 0 ? [types[i]] : []))
  expect(types.filter((type) => named(place.one, type) !== undefined)).toEqual(added)
})

test('the same file again changes nothing', async () => {
  await using place = await makePlace()
  const command = ['modifyrepo', '--verbose', join(place.files, 'updateinfo.xml'), join(place.one, 'repodata')]
  expect((await run(...command)).stderr).toMatch(/ was changed\n$/)
  expect((await run(...command)).stderr).toMatch(/ is as it was\n$/)
})

test('a checksum in the name is no part of the type', async () => {
  await using place = await makePlace()
  const file = join(place.files, `${'0'.repeat(64)}-productid.gz`)
  writeFileSync(file, gzipSync('product'))
  await run('modifyrepo', file, join(place.one, 'repodata'))
  expect(named(place.one, 'productid')?.href).toMatch(/^repodata\/[0-9a-f]{64}-productid\.zst$/)
})

test('databases and zchunk files of what changes go with it, with a warning', async () => {
  await using place = await makePlace()
  const repodata = join(place.one, 'repodata')
  await run('modifyrepo', '--mdtype=modules_zck', join(place.files, 'updateinfo.xml'), repodata)
  const { stderr } = await run('modifyrepo', '--remove', 'modules', repodata)
  expect(stderr).toBe('warning: modules_zck is removed, too: it was made of the modules that changes\n')
  expect(named(place.one, 'modules_zck')).toBeUndefined()
})

test.each<[string, string[], number, RegExp]>([
  ['no file', ['REPODATA'], 1, /^E_USAGE: expected: FILE REPODATA, /],
  ['a file that is not there', ['FILES/none', 'REPODATA'], 1, /^E_USAGE: .*\/none is not there or not a file\n$/],
  ['a folder without repomd.xml', ['FILES/batch', 'FILES'], 1, /^E_REPOMD: .*repomd\.xml does not exist; /],
  ['an unknown compression', ['--compress-type=rar', 'FILES/batch', 'REPODATA'], 1, /^E_USAGE: --compress-type rar: /],
  ['an unknown checksum', ['--checksum=crc', 'FILES/batch', 'REPODATA'], 1, /^E_USAGE: --checksum crc: /],
  ['zchunk', ['--zck', 'FILES/batch', 'REPODATA'], 1, /^E_USAGE: zchunk files are not written here; /],
  [
    'a batch file that is none',
    ['-f', 'FILES/updateinfo.xml', 'REPODATA'],
    1,
    /^E_CONFIG: .*updateinfo\.xml:1: expected /,
  ],
])('%s is refused in one line, and nothing changes', async (_, command, status, line) => {
  await using place = await makePlace()
  const before = meaning(place.one)
  const words = command.map((word) => word.replace('FILES', place.files).replace('REPODATA', `${place.one}/repodata`))
  expect(await runMirror(['modifyrepo', ...words])).toMatchObject({ status, stderr: expect.stringMatching(line) })
  expect(meaning(place.one)).toEqual(before)
})

async function run(...args: string[]) {
  const result = await runMirror(args)
  if (result.status !== 0) throw new Error(result.stderr)
  return result
}

type Place = AsyncDisposable & { one: string; two: string; files: string }

/** Two equal repositories and files to add. */
async function makePlace(): Promise<Place> {
  const folder = await makeTemporaryFolder()
  const [one, two, files] = ['one', 'two', 'files'].map((name) => join(folder.path, name)) as [string, string, string]
  await makeRepository(one, [{ name: 'package' }], {
    records: [{ type: 'modules', name: 'modules.yaml', body: Buffer.from('---\n') }],
  })
  cpSync(one, two, { recursive: true, preserveTimestamps: true })
  mkdirSync(files)
  writeFileSync(join(files, 'updateinfo.xml'), '<?xml version="1.0"?>\n<updates/>\n')
  writeFileSync(join(files, 'modules.yaml'), '---\ndocument: modulemd\n')
  writeFileSync(join(files, 'packed.txt.gz'), gzipSync('text'))
  writeFileSync(join(files, 'batch'), batch(files))
  return { one, two, files, [Symbol.asyncDispose]: folder[Symbol.asyncDispose] }
}

function batch(files: string): string {
  return `# what is new
[${files}/updateinfo.xml]
compress-type = xz

[some name]
path=${files}/packed.txt.gz
type=packed
compress=false
unique-md-filenames=false
checksum=sha1
new-name=un\\\\packed

[modules]
remove=true
`
}

function named(dir: string, type: string): RepomdRecord | undefined {
  return repomdOf(dir).records.find((record) => record.type === type)
}

function repomdOf(dir: string): Repomd {
  return parseRepomd(readFileSync(join(dir, 'repodata/repomd.xml')))
}

/** What a repomd.xml says but for times, and for what depends on the compressor: checksums of compressed bytes, their sizes. */
function meaning(dir: string): Repomd {
  const repomd = repomdOf(dir)
  const records = repomd.records.map((record) => {
    const isPacked = record.openChecksum !== undefined
    const hex = isPacked ? '' : record.checksum.hex
    const href = isPacked ? record.href.replace(record.checksum.hex, '<checksum>') : record.href
    const size = isPacked ? 0 : record.size
    return { ...record, href, size, timestamp: 0, checksum: { ...record.checksum, hex } }
  })
  return { ...repomd, records }
}
