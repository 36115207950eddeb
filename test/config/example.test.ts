// biome-ignore-all lint/suspicious/noTemplateCurlyInString: dnf's variables look like that
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { ConfigError } from '../../src/config/mistakes.ts'
import { levels } from '../../src/config/schema.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'

const file = new URL('../../config/mirror.yaml', import.meta.url).pathname
const known = new Set(Object.values(levels).flatMap((keys) => Object.keys(keys)))

it('the commented configuration loads', async () => {
  const { repos } = await loadConfig(file, { varsFolders: [], home: '/nowhere' })
  expect(repos.map(({ id }) => id)).toEqual([
    'appstream-9-stream-x86_64',
    'appstream-9-stream-aarch64',
    'appstream-10-stream-x86_64',
    'appstream-10-stream-aarch64',
  ])
})

it('the commented configuration has every key that can be configured, and no other', async () => {
  const text = await readFile(file, 'utf8')
  const written = new Set([...text.matchAll(/(?<=^|[\s{])([a-z]\w*):(?=\s|$)/gm)].map(([, key]) => key))
  const free = new Set([
    'appstream',
    'epel',
    'fedora',
    'own',
    'whole',
    'carried',
    'dev',
    'prod',
    'releasever',
    'basearch',
    'stream',
    'tree',
    'upstream',
  ])
  expect([...known].filter((key) => !written.has(key))).toEqual([])
  expect([...written].filter((key) => !known.has(key!) && !free.has(key!))).toEqual([])
})

it('any damage to the commented configuration is harmless or told with its place', { timeout: 60_000 }, async () => {
  await using folder = await makeTemporaryFolder()
  const text = await readFile(file, 'utf8')
  const broken = join(folder.path, 'mirror.yaml')
  const junk = fc.constantFrom('', '\t', '\n', '\0', ...': - [ } " *a &a $ ${ # !!x <<: é'.split(' '))
  await fc.assert(
    fc.asyncProperty(fc.nat(text.length), fc.nat(40), junk, async (start, cut, insert) => {
      await writeFile(broken, text.slice(0, start) + insert + text.slice(start + cut))
      const mistakes = await loadConfig(broken, { varsFolders: [] }).then(
        () => [],
        (error: unknown) => (error instanceof ConfigError ? error.mistakes : Promise.reject(error)),
      )
      for (const { at } of mistakes) expect(at).toMatch(/mirror\.yaml:\d+:\d+$/)
    }),
    { numRuns: 300 },
  )
})
