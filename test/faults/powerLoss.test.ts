import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { checkTree } from '../helpers/checker.ts'
import { judge } from '../helpers/judges.ts'
import { makeSite, runMirror, type Site } from '../helpers/mirror.ts'
import { moveUpstream } from './growing.ts'

const images = 30

/** Mounting needs root and loop devices. */
const canMount = process.getuid?.() === 0 && judge('mkfs.ext4', 'mount', 'losetup')

/** A file system of its own for root and state, in an image that can be copied while it is in use. */
async function withDisk<T>(steps: (site: Site, disk: string, image: string) => Promise<T>): Promise<T> {
  await using site = await makeSite()
  const [image, disk] = [site.path('disk.img'), site.path('disk')]
  execFileSync('truncate', ['-s', '96M', image])
  execFileSync('mkfs.ext4', ['-q', '-F', image])
  mkdirSync(disk)
  execFileSync('mount', ['-o', 'loop,commit=1', image, disk])
  try {
    const repo = { baseurl: site.path('upstream'), retries: 1, retry_delay: 0 }
    await site.writeConfig({ root: `${disk}/www`, state: `${disk}/state`, repos: { repo } })
    return await steps(site, disk, image)
  } finally {
    execFileSync('umount', ['-l', disk])
  }
}

/** What a machine finds on the disk that loses its power now. */
async function checkCopy(site: Site, image: string): Promise<string[]> {
  const [copy, mounted] = [site.path('copy.img'), site.path('copy')]
  execFileSync('cp', ['--sparse=always', image, copy])
  mkdirSync(mounted, { recursive: true })
  execFileSync('mount', ['-o', 'loop', copy, mounted])
  try {
    const tree = `${mounted}/www/repo`
    return existsSync(`${tree}/repodata/repomd.xml`) ? (await checkTree(tree)).problems : []
  } finally {
    execFileSync('umount', [mounted])
  }
}

test.skipIf(!canMount)(`C3: a power cut at any of ${images} moments leaves a whole tree`, async () => {
  const found = await withDisk(async (site, _disk, image) => {
    const problems: string[] = []
    for (let round = 0; round < images; round++) {
      await moveUpstream(site.path('upstream'), round, 6)
      const run = runMirror(['sync', '-c', site.configFile])
      await sleep((round % 10) * 80)
      problems.push(...(await checkCopy(site, image)).map((problem) => `during round ${round}: ${problem}`))
      expect(await run).toMatchObject({ status: 0 })
      problems.push(...(await checkCopy(site, image)).map((problem) => `right after round ${round}: ${problem}`))
    }
    return problems
  })
  expect(found).toEqual([])
})

test.skipIf(!canMount || !judge('strace'))('C3: the same check finds a sync whose fsyncs do nothing', async () => {
  const found = await withDisk(async (site, _disk, image) => {
    const problems: string[] = []
    for (let round = 0; round < 8 && problems.length === 0; round++) {
      await moveUpstream(site.path('upstream'), round, 6)
      await syncWithoutFsync(site.configFile)
      problems.push(...(await checkCopy(site, image)))
      const shown = await publishedIn(site, image)
      if (!shown) problems.push('nothing of what was published is on the disk')
    }
    return problems
  })
  expect(found).not.toEqual([])
})

/** strace answers every call that makes things durable with success, without letting it happen. */
async function syncWithoutFsync(configFile: string): Promise<void> {
  const none = ['fsync', 'fdatasync', 'syncfs'].flatMap((call) => ['-e', `inject=${call}:retval=0`])
  const main = new URL('../../dist/main.js', import.meta.url).pathname
  const args = ['-f', '-qq', '-o', '/dev/null', '-e', 'trace=fsync,fdatasync,syncfs', ...none]
  const child = spawn('strace', [...args, process.execPath, main, 'sync', '-c', configFile], { stdio: 'ignore' })
  await new Promise((resolve) => child.on('close', resolve))
}

/** Whether a copy of the disk shows any generation at all. */
async function publishedIn(site: Site, image: string): Promise<boolean> {
  const [copy, mounted] = [site.path('copy.img'), site.path('copy')]
  execFileSync('cp', ['--sparse=always', image, copy])
  execFileSync('mount', ['-o', 'loop', copy, mounted])
  try {
    return existsSync(`${mounted}/www/repo/repodata/repomd.xml`)
  } finally {
    execFileSync('umount', [mounted])
  }
}
