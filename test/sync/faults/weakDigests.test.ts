import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkTree } from '../../helpers/checker.ts'
import { makeSite, runMirror } from '../../helpers/mirror.ts'
import { makeRepository } from '../../helpers/repository.ts'
import type { BadInput } from './badInputs.ts'
import { refuses } from './refuses.ts'
import { documentHref, editRepomd } from './upstreamEdits.ts'

const remedy = 'vouches for it; say weak_digests: yes to accept that'
/** As repositories name them, and as we do. */
const names = { md5: 'md5', sha: 'sha1', sha1: 'sha1' }

/** Makes repomd.xml vouch for a document by another algorithm, rightly. */
async function vouchBy(dir: string, type: string, algorithm: keyof typeof names): Promise<void> {
  const digest = createHash(names[algorithm])
    .update(readFileSync(join(dir, await documentHref(dir, type))))
    .digest('hex')
  const record = new RegExp(`(<data type="${type}">\\s*<checksum type=")sha256">\\w+`)
  await editRepomd(dir, (text) => text.replace(record, `$1${algorithm}">${digest}`))
}

const algorithms = Object.keys(names) as (keyof typeof names)[]

refuses({
  'M7: metadata that only a weak digest vouches for': ['primary', 'filelists'].flatMap((type) =>
    algorithms.map(
      (algorithm): BadInput => ({
        what: `${type} by ${algorithm}`,
        spoil: ({ dir }) => vouchBy(dir, type, algorithm),
        line: `E_WEAK_HASH REPO: Cannot sync from URL: record ${type} of repomd.xml: only ${names[algorithm]} ${remedy}`,
      }),
    ),
  ),
  'a package that only a weak digest vouches for': algorithms.map(
    (algorithm): BadInput => ({
      what: algorithm,
      packages: [{ name: 'alpha' }, { name: 'beta', version: '2.0', checksumType: algorithm }],
      line: `E_WEAK_HASH REPO: Cannot sync from URL: package beta-2.0-1.x86_64: only ${names[algorithm]} ${remedy}`,
    }),
  ),
})

test('M7: with weak_digests: yes they are taken, and published with sha256 beside', async () => {
  await using site = await makeSite()
  const dir = site.path('upstream')
  await site.writeConfig({ repos: { repo: { baseurl: `file://${dir}`, weak_digests: 'yes' } } })
  await makeRepository(
    dir,
    algorithms.map((checksumType) => ({ name: checksumType, checksumType })),
  )
  await vouchBy(dir, 'primary', 'md5')
  await vouchBy(dir, 'other', 'sha')
  expect(await runMirror(['sync', '-c', site.configFile])).toMatchObject({ status: 0 })
  expect((await checkTree(site.path('root/repo'))).problems).toEqual([])
  expect(readFileSync(site.path('root/repo/repodata/repomd.xml'), 'utf8')).not.toMatch(/type="(md5|sha1?)"/)
})
