import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { child, readRepository, readTree } from '../../helpers/metadata/repository.ts'
import { type MirrorResult, runMirror } from '../../helpers/mirror.ts'
import { writeRpm } from '../../helpers/rpmfile.ts'
import { makeTemporaryFolder } from '../../helpers/temporary.ts'
import { badFiles } from './badFiles.ts'

const titles = Object.keys(badFiles)

/** The name of a bad file: `bad.07.rpm`. */
function nameOf(title: string): string {
  return `bad.${String(titles.indexOf(title)).padStart(3, '0')}.rpm`
}

describe('a file that is no package, or a broken one', () => {
  test('is left out and named in one line with the reason, the others are published, and the status is 2', async () => {
    await using folder = await makeTemporaryFolder()
    for (const [title, bytes] of Object.entries(badFiles)) await writeRpm(folder.path, nameOf(title), bytes)
    await writeRpm(folder.path, 'good.rpm', { name: 'good' })
    await writeRpm(folder.path, 'zz/good.rpm', { name: 'zz' })
    const result = await runMirror(['createrepo', folder.path])
    expect(result.status, result.stderr).toBe(2)
    expect(published(folder.path)).toEqual(['good.rpm', 'zz/good.rpm'])
    for (const title of titles)
      expect(linesOf(result, nameOf(title)), title).toEqual([expect.stringMatching(/: .{5,}/)])
    expect(result.stderr).not.toMatch(/\n\s+at |undefined|NaN|\[object/)
    expect(result.stderr.split('\n').filter((line) => line !== '' && !line.includes('/bad.'))).toEqual([])
  })

  test('takes no memory that its own numbers choose', async () => {
    await using folder = await makeTemporaryFolder()
    const greedy = titles.filter((title) => /of (2\^|4 GiB|2\d\d MiB)/.test(title))
    expect(greedy.length).toBeGreaterThan(7)
    for (const title of greedy) await writeRpm(folder.path, nameOf(title), badFiles[title]!)
    const peak = async () => {
      const args = ['createrepo', '--workers=1', folder.path]
      const { status, stdout } = await runMirror(args, { env: { NODE_OPTIONS: `--import=${tellPeak}` } })
      return { status, kilobytes: Number(/peak (\d+)/.exec(stdout)?.[1]) }
    }
    const { status, kilobytes } = await peak()
    expect(status).toBe(2)
    for (const name of readdirSync(folder.path))
      if (name.endsWith('.rpm')) await writeRpm(folder.path, name, Buffer.alloc(0))
    const nothing = await peak()
    expect(kilobytes - nothing.kilobytes).toBeLessThan(100_000)
  })

  test('is named once even where it is no regular file', async () => {
    await using folder = await makeTemporaryFolder()
    const at = (name: string) => join(folder.path, name)
    await writeRpm(folder.path, 'good.rpm', { name: 'good' })
    symlinkSync('loop.rpm', at('loop.rpm'))
    symlinkSync('two.rpm', at('one.rpm'))
    symlinkSync('one.rpm', at('two.rpm'))
    symlinkSync('/nowhere/at/all.rpm', at('dangling.rpm'))
    spawnSync('mkfifo', [at('pipe.rpm')])
    const result = await runMirror(['createrepo', folder.path], { timeoutMs: 20_000 })
    expect(result.status, result.stderr).toBe(2)
    expect(published(folder.path)).toEqual(['good.rpm'])
    for (const name of ['loop.rpm', 'one.rpm', 'two.rpm', 'dangling.rpm', 'pipe.rpm'])
      expect(linesOf(result, name), name).toHaveLength(1)
  })

  test.skipIf(process.getuid?.() === 0)('is named once where it must not be read', async () => {
    await using folder = await makeTemporaryFolder()
    await writeRpm(folder.path, 'good.rpm', { name: 'good' })
    chmodSync(await writeRpm(folder.path, 'secret.rpm', { name: 'secret' }), 0)
    mkdirSync(join(folder.path, 'closed'), { mode: 0 })
    const result = await runMirror(['createrepo', folder.path])
    expect(result.status, result.stderr).toBe(2)
    expect(published(folder.path)).toEqual(['good.rpm'])
    expect(linesOf(result, 'secret.rpm')).toHaveLength(1)
    expect(linesOf(result, 'closed')).toHaveLength(1)
  })

  test('is not walked for ever where directories lead back to themselves', async () => {
    await using folder = await makeTemporaryFolder()
    await writeRpm(folder.path, 'a/b/good.rpm', { name: 'good' })
    symlinkSync('../..', join(folder.path, 'a/b/up'))
    symlinkSync('.', join(folder.path, 'a/self'))
    const result = await runMirror(['createrepo', folder.path], { timeoutMs: 20_000 })
    expect(result.status, result.stderr).toBe(0)
    expect(published(folder.path)).toEqual(['a/b/good.rpm'])
  })

  test('is named once where a list names it and it is not there', async () => {
    await using folder = await makeTemporaryFolder()
    await writeRpm(folder.path, 'good.rpm', { name: 'good' })
    writeFileSync(join(folder.path, 'list'), 'good.rpm\nmissing.rpm\n')
    const result = await runMirror(['createrepo', '-i', join(folder.path, 'list'), folder.path])
    expect(result.status, result.stderr).toBe(2)
    expect(published(folder.path)).toEqual(['good.rpm'])
    expect(linesOf(result, 'missing.rpm')).toHaveLength(1)
  })
})

/** Prints the process's peak of memory in kB as it ends, without that of the process that it was forked from. */
const tellPeak = `data:text/javascript,${encodeURIComponent(`
import { readFileSync } from 'node:fs'
const peak = () => /^VmHWM:\\s*(\\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]
process.on('exit', () => console.log('peak', peak()))
`)}`

function linesOf({ stderr }: MirrorResult, name: string): string[] {
  return stderr.split('\n').filter((line) => line.includes(name))
}

/** The locations that primary lists. */
function published(folder: string): string[] {
  const primary = readRepository(folder).records.find(({ type }) => type === 'primary')!.document!
  return readTree(primary).children.map((element) => child(element, 'location')?.attributes.href ?? '')
}
