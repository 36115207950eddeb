import { mkdirSync } from 'node:fs'
import { readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { get } from 'node:http'
import { dirname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { judge } from '../helpers/judges.ts'
import { spawnMirror } from '../helpers/mirror.ts'
import { makeRepository } from '../helpers/repository.ts'
import { mirroredSite } from '../sync/faults/mirroredSite.ts'
import { startCaddy, startNginx } from './front.ts'

const fronts = [
  ['nginx', startNginx],
  ['caddy', startCaddy],
] as const

/** What rides with packages, and what must not be shown. */
const others = `
repo/.treeinfo repo/.discinfo repo/treeinfo repo/images/boot.iso repo/images/vmlinuz repo/repodata/repomd.xml.asc
repo/repodata/repomd.xml.key RPM-GPG-KEY-repo repo.repo notes.html README.md logo.SVG epel-release-latest-9.noarch.rpm
comps.xml list.json delta.drpm old.sqlite own%20file.txt modules.yaml kickstart.ks
.hidden repo/.git/config repo/.treeinfo.bak repo/.rsync~/x`
  .trim()
  .split(/\s+/)

const compared = [
  'cache-control',
  'content-type',
  'content-length',
  'content-encoding',
  'content-range',
  'x-content-type-options',
  'content-security-policy',
]

describe.each(fronts)('%s with the example in front of a tree', (name, start) => {
  test.skipIf(!judge(name))('answers as mirror serve does', async () => {
    await using mirrored = await publishedSite()
    const { site } = mirrored
    await using front = await start(site.root, site.path(name))
    await using ours = spawnMirror(['serve', '-c', site.configFile])
    const url = (await ours.says(/at (http:\S+)/))[1] as string
    const records = [...(await readFile(join(mirrored.tree, 'repodata/repomd.xml'), 'utf8')).matchAll(/href="(.*?)"/g)]
    const packages = (await mirrored.check()).packages.map(({ href }) => `repo/${href}`)
    const metadata = records.map(([, href]) => `repo/${href}`)
    const paths = ['repo/repodata/repomd.xml', 'missing', '.mirror', ...metadata, ...packages, ...others]
    expect(paths.length).toBeGreaterThan(30)
    for (const path of paths) {
      const [theirs, own] = [await ask(front.url + path), await ask(url + path)]
      expect({ path, ...theirs }).toEqual({ path, ...own })
    }
    const ranged = { range: 'bytes=10-19' }
    for (const path of [...metadata, ...packages])
      expect({ path, ...(await ask(front.url + path, ranged)) }).toEqual({ path, ...(await ask(url + path, ranged)) })
  })

  test.skipIf(!judge(name))(
    'gives a new repomd.xml of the same size and date to whoever asks by date and tag',
    async () => {
      await using mirrored = await publishedSite()
      await using front = await start(mirrored.site.root, mirrored.site.path(name))
      const file = join(mirrored.tree, 'repodata/repomd.xml')
      const url = `${front.url}repo/repodata/repomd.xml`
      const before = await fetch(url)
      const content = await before.bytes()
      const { atime, mtime } = await stat(file)
      await writeFile(file, content.toReversed())
      await utimes(file, atime, mtime)
      const again = {
        'if-none-match': before.headers.get('etag') ?? '*',
        'if-modified-since': mtime.toUTCString(),
      }
      const after = await fetch(url, { headers: again })
      expect(after.status).toBe(200)
      expect(await after.bytes()).toEqual(content.toReversed())
    },
  )
})

/** A published repository with other files around it. */
async function publishedSite() {
  const mirrored = await mirroredSite({}, { listen: '127.0.0.1:0' })
  await makeRepository(mirrored.dir, [{ name: 'one' }, { name: 'two' }])
  expect(await mirrored.sync()).toMatchObject({ status: 0 })
  for (const path of others.map(decodeURI)) {
    mkdirSync(dirname(join(mirrored.site.root, path)), { recursive: true })
    await writeFile(join(mirrored.site.root, path), `This is ${path}\n`.repeat(200))
  }
  return mirrored
}

/** The status, and of a file the headers that clients and caches go by and its bytes; as a client that takes gzip asks. */
async function ask(url: string, headers: Record<string, string> = {}) {
  const { promise, resolve, reject } = Promise.withResolvers<object>()
  get(url, { headers: { 'accept-encoding': 'gzip', ...headers } }, async (response) => {
    const [status, body] = [response.statusCode, await buffer(response)]
    const seen = compared.map((header) => [header, response.headers[header]])
    resolve(status === 200 || status === 206 ? { status, ...Object.fromEntries(seen), body: String(body) } : { status })
  }).on('error', reject)
  return promise
}
