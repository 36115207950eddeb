import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseTreeinfo } from '../../src/repodata/treeinfo.ts'
import { judge } from '../helpers/judges.ts'
import { makeKickstart, type TreeFiles } from '../helpers/kickstart.ts'
import { listing } from '../sync/faults/listing.ts'
import { mirroredSite } from '../sync/faults/mirroredSite.ts'
import { moveUpstream } from './growing.ts'
import { traceSync } from './strace.ts'

/** The calls that replacing a tree is made of. */
const calls = ['rename', 'link', 'unlink', 'fsync']

/** More calls of one kind than this no small sync makes. */
const most = 200

test.skipIf(!judge('strace')).for(calls)(
  'C1: a sync that is killed at its Nth %s replaces a kickstart tree with the treeinfo last, and the next puts it right',
  async (call) => {
    await using mirrored = await mirroredSite({ kickstart: 'yes' })
    const { dir, tree, site } = mirrored
    await moveUpstream(dir, 0, 1)
    await makeKickstart(dir, imagesOf(0))
    expect(await mirrored.sync()).toMatchObject({ status: 0 })
    const problems: string[] = []
    let fired = 0
    for (let n = 1; n <= most; n++) {
      const before = readFileSync(join(tree, '.treeinfo'))
      await makeKickstart(dir, imagesOf(n))
      const inject = `inject=${call}:signal=SIGKILL:when=${n}`
      const { status } = await traceSync(site.configFile, ['-o', '/dev/null', '-e', `trace=${call}`, '-e', inject])
      if (!before.equals(readFileSync(join(tree, '.treeinfo'))))
        problems.push(...damage(tree).map((problem) => `killed at ${call} ${n}, under the new treeinfo: ${problem}`))
      if (status === 0) break
      fired++
      const next = await mirrored.sync()
      if (next.status !== 0) problems.push(`next run after ${call} ${n}: ${next.stderr}`)
      problems.push(...damage(tree).map((problem) => `run after ${call} ${n}: ${problem}`))
      problems.push(...(await leftovers(tree)).map((name) => `run after ${call} ${n}: ${name} is left`))
      problems.push(...(await mirrored.check()).problems)
    }
    console.log(`${call}: ${fired} kills`)
    expect(problems).toEqual([])
    expect([fired > 2, fired < most]).toEqual([true, true])
  },
)

function imagesOf(round: number): TreeFiles {
  return {
    'images/pxeboot/vmlinuz': 'the kernel of all rounds',
    'images/pxeboot/initrd.img': `initrd ${round} `.repeat(500),
    'images/install.img': `stage2 ${round} `.repeat(1000),
  }
}

/** Files that the published treeinfo vouches for in vain. */
function damage(tree: string): string[] {
  const { files } = parseTreeinfo(readFileSync(join(tree, '.treeinfo')), '.treeinfo')
  return files.flatMap(({ path, digest }) => {
    if (!existsSync(join(tree, path))) return [`${path} is missing`]
    const found = createHash('sha256')
      .update(readFileSync(join(tree, path)))
      .digest('hex')
    return found === digest?.hex ? [] : [`${path} is not what the treeinfo says`]
  })
}

async function leftovers(tree: string): Promise<string[]> {
  return (await listing(tree)).filter((line) => line.includes('.new'))
}
