import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { installed } from '../conformance/clients.ts'
import { checkTree } from '../helpers/checker.ts'
import { makeSite, runMirror } from '../helpers/mirror.ts'
import { writeRpm } from '../helpers/rpmfile.ts'

test.for(['mkfs.xfs', 'mkfs.btrfs'])(
  'a package shares its blocks with the local folder after %s',
  async (maker, { skip }) => {
    skip(process.getuid?.() !== 0 || !installed(maker), `needs root and ${maker}`)
    await using site = await makeSite()
    const [image, disk] = [site.path('image'), site.path('disk')]
    writeFileSync(image, '')
    truncateSync(image, 400 * 2 ** 20)
    execFileSync(maker, ['-q', image])
    mkdirSync(disk)
    execFileSync('mount', ['-o', 'loop', image, disk])
    try {
      const payload = Buffer.alloc(20 * 2 ** 20, maker)
      const source = await writeRpm(disk, 'rpms/big.rpm', { name: 'big', payload })
      const repos = { own: { local: join(disk, 'rpms'), arch: 'x86_64' } }
      await site.writeConfig({ root: `${disk}/www`, state: `${disk}/state`, repos })
      execFileSync('sync', ['-f', disk])
      const before = used(disk)
      const { status, stderr } = await runMirror(['sync', '-c', site.configFile])
      expect([status, stderr]).toEqual([
        0,
        expect.stringContaining(`reflinked: new packages share their blocks with ${disk}`),
      ])
      execFileSync('sync', ['-f', disk])
      expect(used(disk) - before).toBeLessThan(payload.length / 2)
      expect((await checkTree(`${disk}/www/own`)).problems).toEqual([])
      const published = `${disk}/www/own/Packages/b/big.rpm`
      writeFileSync(source, 'other bytes in place')
      expect([
        statSync(published).ino === statSync(source).ino,
        readFileSync(published).length > payload.length,
      ]).toEqual([false, true])
    } finally {
      execFileSync('umount', [disk])
    }
  },
)

function used(disk: string): number {
  const [, blocks] = execFileSync('df', ['-k', '--output=used', disk], { encoding: 'utf8' }).split('\n')
  return Number(blocks) * 1024
}
