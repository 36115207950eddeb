import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { judge } from '../../helpers/judges.ts'
import { runCreaterepoC } from '../../helpers/metadata/createrepo.ts'
import { runMirror } from '../../helpers/mirror.ts'
import { makeSideBySide } from './sideBySide.ts'
import { packagesOf, updateTraps } from './updateTraps.ts'

const known = [
  {
    reason: 'old files are kept for readers that have begun; createrepo_c takes them away under them',
    matches: /^repodata: only ours, not in repomd\.xml: /,
  },
  {
    reason: 'createrepo_c escapes the & of an attribute once more with each update',
    matches: /(@(name|author): ours .*, theirs|_db: .*: only theirs: ).*&#38;|_db: .*: only ours: .*(<p>|<b>)/,
    versions: /^0\./,
  },
]

describe.skipIf(!judge('createrepo_c'))('an update means what createrepo_c’s does', () => {
  test.for(Object.entries(updateTraps))('%s', async ([, trap]) => {
    await using both = await makeSideBySide(packagesOf(trap))
    writeFileSync(join(both.root, 'comps.xml'), '<?xml version="1.0"?>\n<comps/>\n')
    mkdirSync(join(both.root, 'elsewhere'))
    runCreaterepoC(['-q', '--no-database', '-o', join(both.root, 'elsewhere'), both.packages])
    const first = await both.run(...(trap.before ?? []))
    expect(first.ours.status, first.ours.stderr).toBe(0)
    await trap.change?.(both)
    const { ours, theirs } = await both.run('--update', ...(trap.args ?? []), '--read-pkgs-list', 'OUT/read')
    expect(theirs.status, theirs.stderr).toBe(0)
    expect(ours.status, ours.stderr).toBe(0)
    const differences = both.differences(...known, ...(trap.accepted ?? []))
    if (differences.length > 0) expect.fail(differences.join('\n'))
    if (trap.readsAgain === undefined) expect(readList(both.ours)).toEqual(readList(both.theirs))
    else expect([readList(both.ours), readList(both.theirs)]).toEqual([[], trap.readsAgain])
  })

  test('reads no package where it is given what the other wrote', async () => {
    await using both = await makeSideBySide(packagesOf({}))
    await both.run('--database')
    for (const folder of ['swapped', 'again']) mkdirSync(join(both.root, folder))
    cpSync(join(both.theirs, 'repodata'), join(both.root, 'swapped/repodata'), { recursive: true })
    cpSync(join(both.ours, 'repodata'), join(both.root, 'again/repodata'), { recursive: true })
    const list = (name: string) => ['--read-pkgs-list', join(both.root, name, 'read')]
    const args = (name: string) => ['--update', ...list(name), '-o', join(both.root, name), both.packages]
    const ours = await runMirror(['createrepo', ...args('swapped')])
    const theirs = runCreaterepoC(['--no-database', ...args('again')])
    expect([ours.status, theirs.status], ours.stderr + theirs.stderr).toEqual([0, 0])
    expect(readList(join(both.root, 'swapped'))).toEqual([])
    expect(readList(join(both.root, 'again'))).toEqual([])
  })
})

/** The packages that a run says to have read. */
function readList(folder: string): string[] {
  return readFileSync(join(folder, 'read'), 'utf8').split('\n').filter(Boolean).sort()
}
