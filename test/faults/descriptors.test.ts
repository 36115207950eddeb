import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { judge } from '../helpers/judges.ts'
import { makeRepository } from '../helpers/repository.ts'
import { mirroredSite } from '../sync/faults/mirroredSite.ts'

const main = new URL('../../dist/main.js', import.meta.url).pathname
const packages = Array.from({ length: 100 }, (_, number) => ({ name: `p${number}` }))

/** Below some 30 descriptors Node itself does not start. */
test.skipIf(!judge('prlimit')).for([40, 48, 64, 128])(
  'F4: with %i descriptors a sync is done, or says so in one line',
  async (limit) => {
    await using mirrored = await mirroredSite({ max_parallel_downloads: 100 })
    const { site } = mirrored
    await makeRepository(mirrored.dir, packages)
    const args = [`--nofile=${limit}`, process.execPath, main, 'sync', '-c', site.configFile]
    const { status, stderr } = await run(args)
    if (status === 0) expect((await mirrored.check()).problems).toEqual([])
    else expect(stderr).toMatch(/^E_FD( repo)?: .*too many open files/m)
    expect(stderr).not.toMatch(/E_BUG|^ {4}at /m)
    expect(await mirrored.sync()).toMatchObject({ status: 0 })
    expect((await mirrored.check()).problems).toEqual([])
  },
)

async function run(args: string[]): Promise<{ status: number | null; stderr: string }> {
  const child = spawn('prlimit', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const stderr = text(child.stderr)
  const [status] = (await once(child, 'close')) as [number | null]
  return { status, stderr: await stderr }
}
