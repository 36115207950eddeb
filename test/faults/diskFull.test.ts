import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, statfsSync } from 'node:fs'
import { basename } from 'node:path'
import { expect, test } from 'vitest'
import { checkTree } from '../helpers/checker.ts'
import { makeSite, runMirror } from '../helpers/mirror.ts'
import { resolvePackage } from '../helpers/repository/package.ts'
import { makeRepository } from '../helpers/repository.ts'
import { startUpstream } from '../helpers/upstream.ts'

const canMount = process.getuid?.() === 0

test.skipIf(!canMount)(
  'F1, F2: a full disk is one line, keeps what is served, and costs no second download',
  async () => {
    await using site = await makeSite()
    const disk = site.path('disk')
    mkdirSync(disk)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', disk])
    try {
      const dir = site.path('upstream')
      const packagesOf = (version: string) =>
        Array.from({ length: 40 }, (_, i) => ({ name: `p${i}`, version, size: 60_000 }))
      await makeRepository(dir, packagesOf('1'))
      await using upstream = await startUpstream(dir)
      const repo = { baseurl: upstream.url, retries: 1, retry_delay: 0 }
      await site.writeConfig({ root: `${disk}/www`, state: `${disk}/state`, repos: { repo } })
      expect(await runMirror(['sync', '-c', site.configFile])).toMatchObject({ status: 0 })
      // Room that a plan can see is no matter of this test: files run out before bytes do.
      const { files, ffree } = statfsSync(disk)
      execFileSync('mount', ['-o', `remount,nr_inodes=${files - ffree + 20}`, disk])

      await makeRepository(dir, packagesOf('2'))
      upstream.requests.length = 0
      const full = await runMirror(['sync', '-c', site.configFile])
      expect(full.status).toBe(1)
      expect(full.stderr).toMatch(
        /^E_NOSPC repo: .*no space or no inodes left on the device.*generation 1 is still served$/m,
      )
      expect((await checkTree(`${disk}/www/repo`)).problems).toEqual([])
      expect(readdirSync(`${disk}/state/tmp`).filter((name) => name.endsWith('.part'))).toEqual([])
      const pool = new Set(readdirSync(`${disk}/state/pool`, { recursive: true }).map((path) => basename(String(path))))
      const finished = packagesOf('2')
        .map(resolvePackage)
        .filter(({ body }) => pool.has(sha256(body)))
      expect(finished.length).toBeGreaterThan(0)

      execFileSync('mount', ['-o', 'remount,nr_inodes=100000', disk])
      upstream.requests.length = 0
      expect(await runMirror(['sync', '-c', site.configFile])).toMatchObject({ status: 0 })
      const again = upstream.requests.map(({ path }) => path.slice(1))
      expect(again.filter((path) => finished.some(({ href }) => href === path))).toEqual([])
      expect((await checkTree(`${disk}/www/repo`)).problems).toEqual([])
    } finally {
      execFileSync('umount', ['-l', disk])
    }
  },
)

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
