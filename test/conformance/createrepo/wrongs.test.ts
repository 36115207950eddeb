import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { judge } from '../../helpers/judges.ts'
import { runCreaterepoC } from '../../helpers/metadata/createrepo.ts'
import { child, readRepository, readTree } from '../../helpers/metadata/repository.ts'
import { runMirror, spawnMirror } from '../../helpers/mirror.ts'
import { type Dependency, type RpmSpec, sense, type Text, writeRpm } from '../../helpers/rpmfile.ts'
import { makeTemporaryFolder, type TemporaryFolder } from '../../helpers/temporary.ts'

/** One package with a text in every field that may have any. */
function everywhere(text: Text): RpmSpec {
  const bytes = Buffer.from(text as string)
  return {
    name: 'p',
    release: text,
    summary: text,
    description: text,
    vendor: text,
    requires: [text, ['versioned', sense.equal, text]],
    files: [{ path: Buffer.concat([Buffer.from('/etc/'), bytes]) }],
    changelog: [[1_600_000_000, text, text]],
  }
}

const bytes = (hex: string) => Buffer.from(hex, 'hex')

describe('where createrepo_c is wrong', () => {
  test.each([
    ['an escape character', 'a\u001bb', 'a\ufffdb'],
    ['a bell', '\u0007', '\ufffd'],
    ['a backspace', 'x\u0008', 'x\ufffd'],
    ['a form feed', 'a\fb', 'a\ufffdb'],
    ['U+FFFE', 'a\ufffeb', 'a\ufffdb'],
  ])('a package with %s is listed, with another character for it and a warning', async (_, text, expected) => {
    await using folder = await makeTemporaryFolder()
    await writeRpm(folder.path, 'p.rpm', everywhere(text))
    const { status, stderr } = await runMirror(['createrepo', '--filelists-ext', '--database', folder.path])
    expect(status, stderr).toBe(0)
    expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(/p\.rpm: .*control characters/)])
    expect(summaryOf(folder)).toBe(expected)
    expect(allText(folder)).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe]/)
  })

  test.each([
    ['an overlong NUL', bytes('78c080'), 'xÀ'],
    ['a surrogate', bytes('78eda080'), 'xí'],
    ['more than Unicode has', bytes('78f4908080'), 'xô'],
    ['Latin-1', Buffer.from('Grüße', 'latin1'), 'Grüße'],
  ])('%s in any field leaves every document readable', async (_, text, expected) => {
    await using folder = await makeTemporaryFolder()
    await writeRpm(folder.path, 'p.rpm', everywhere(text))
    const { status, stderr } = await runMirror(['createrepo', '--filelists-ext', '--database', folder.path])
    expect(status, stderr).toBe(0)
    expect(summaryOf(folder)).toBe(expected)
    expect(allText(folder)).toContain(expected)
  })

  test('what a killed run left does not stop the next', async () => {
    await using folder = await makeTemporaryFolder()
    for (let i = 0; i < 300; i++) await writeRpm(folder.path, `${i}.rpm`, { name: `p${i}` })
    const staging = join(folder.path, '.repodata')
    for (let attempt = 0; attempt < 5 && !existsSync(staging); attempt++) await killWhileItWrites(folder.path, staging)
    expect(readdirSync(staging).length).toBeGreaterThan(1)
    const { status, stderr } = await runMirror(['createrepo', folder.path])
    expect(status, stderr).toBe(0)
    expect(existsSync(staging)).toBe(false)
    expect(readTree(documentOf(folder, 'primary')).children).toHaveLength(300)
  })

  test('what another program left, or works in, is named and not touched', async () => {
    await using folder = await makeTemporaryFolder()
    await writeRpm(folder.path, 'p.rpm', { name: 'p' })
    await writeRpm(folder.path, '.repodata/left.xml', Buffer.from('x'))
    const { status, stderr } = await runMirror(['createrepo', folder.path])
    expect(status).toBe(1)
    expect(stderr.trim().split('\n')).toEqual([expect.stringContaining(join(folder.path, '.repodata'))])
    expect(readdirSync(folder.path).sort()).toEqual(['.repodata', 'p.rpm'])
  })

  test('a signature of the repomd.xml before is not left beside the new one', async () => {
    await using folder = await makeTemporaryFolder()
    await writeRpm(folder.path, 'p.rpm', { name: 'p' })
    await runMirror(['createrepo', folder.path])
    writeFileSync(join(folder.path, 'repodata/repomd.xml.asc'), 'a signature')
    await writeRpm(folder.path, 'q.rpm', { name: 'q' })
    expect((await runMirror(['createrepo', folder.path])).status).toBe(0)
    expect(readdirSync(join(folder.path, 'repodata'))).not.toContain('repomd.xml.asc')
  })

  test('a file that is cut off is not listed', async () => {
    await using folder = await makeTemporaryFolder()
    const file = await writeRpm(folder.path, 'p.rpm', { name: 'p', payload: Buffer.alloc(10_000, 1) })
    await writeRpm(folder.path, 'p.rpm', readFileSync(file).subarray(0, -5000))
    const { status } = await runMirror(['createrepo', folder.path])
    expect(status).toBe(2)
    expect(readTree(documentOf(folder, 'primary')).children).toEqual([])
  })

  test('of packages with one name, version and arch the one built last is kept, whatever the times are', async () => {
    await using folder = await makeTemporaryFolder()
    const buildTimes = [0, 2 ** 31 + 5, 2 ** 32 - 1, 5]
    for (const [i, buildTime] of buildTimes.entries())
      await writeRpm(folder.path, `${i}/p.rpm`, { name: 'p', buildTime, summary: `built at ${buildTime}` })
    const { status, stderr } = await runMirror(['createrepo', '--duplicated-nevra=keep-last', folder.path])
    expect(status, stderr).toBe(0)
    expect(readTree(documentOf(folder, 'primary')).children).toHaveLength(1)
    expect(summaryOf(folder)).toBe(`built at ${2 ** 32 - 1}`)
  })
})

test('dependencies before the installation are those of five kinds', async () => {
  await using folder = await makeTemporaryFolder()
  const bits = Array.from({ length: 32 }, (_, bit): Dependency => [`d${bit}`, 2 ** bit, ''])
  await writeRpm(folder.path, 'p.rpm', { name: 'p', requires: bits })
  await runMirror(['createrepo', folder.path])
  const [pkg] = readTree(documentOf(folder, 'primary')).children
  const requires = child(child(pkg!, 'format')!, 'rpm:requires')!.children
  const pre = requires.filter(({ attributes }) => attributes.pre === '1').map(({ attributes }) => attributes.name)
  // POSTTRANS, PREREQ, PRETRANS, SCRIPT_PRE, SCRIPT_POST
  expect(pre).toEqual(['d5', 'd6', 'd7', 'd9', 'd10'])
})

describe.skipIf(!judge('createrepo_c'))('a run of createrepo_c', () => {
  test('is stopped by the folder of one of ours that is under way', async () => {
    await using folder = await makeTemporaryFolder()
    await writeRpm(folder.path, 'p.rpm', { name: 'p' })
    await writeRpm(folder.path, '.repodata/any', Buffer.from('x'))
    expect(runCreaterepoC(['-q', folder.path]).status).not.toBe(0)
  })
})

function documentOf({ path }: TemporaryFolder, type: string): Buffer {
  return readRepository(path).records.find((record) => record.type === type)!.document!
}

function summaryOf(folder: TemporaryFolder): string {
  return child(readTree(documentOf(folder, 'primary')).children[0]!, 'summary')!.text
}

/** All XML documents run together; throws where one is not well-formed. */
function allText(folder: TemporaryFolder): string {
  const documents = ['primary', 'filelists', 'other', 'filelists-ext'].map((type) => documentOf(folder, type))
  for (const document of documents) readTree(document)
  return documents.join('\n')
}

/** Runs `mirror createrepo` and kills it as soon as a document is begun; it may also end before. */
async function killWhileItWrites(folder: string, staging: string): Promise<void> {
  await using running = spawnMirror(['createrepo', '--workers=1', folder])
  const hasBegun = () => existsSync(staging) && readdirSync(staging).some((name) => name.includes('primary'))
  const watch = setInterval(() => hasBegun() && running.child.kill('SIGKILL'), 1)
  await running.ended
  clearInterval(watch)
}
