import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { documents, footer, header } from '../../src/repodata/documents.ts'
import { judge } from '../helpers/judges.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'
import { read } from '../xml/documents.ts'

const demo = join(import.meta.dirname, '../../demo/upstream/repodata')

/** The document of a repodata folder. */
function document(folder: string, name: string): string {
  const file = readdirSync(folder).find((file) => file.endsWith(`-${name}.xml.gz`)) as string
  return String(gunzipSync(readFileSync(join(folder, file))))
}

test.each(documents)('%s has the head and the end that createrepo_c wrote', async (name) => {
  const written = document(demo, name)
  const { records } = await read([written], name)
  expect([header(name, 26), ...records.map((record) => `${record}\n`), footer(name)].join('')).toBe(written)
})

test.skipIf(!judge('createrepo_c')).each(documents)('%s of nothing is what createrepo_c writes', async (name) => {
  await using folder = await makeTemporaryFolder()
  mkdirSync(join(folder.path, 'empty'))
  execFileSync('createrepo_c', ['--quiet', '--no-database', '--compress-type=gz', folder.path], { stdio: 'pipe' })
  expect(header(name, 0) + footer(name)).toBe(document(join(folder.path, 'repodata'), name))
})
