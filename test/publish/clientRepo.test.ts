import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Repo } from '../../src/config/repo.ts'
import { isSigned, repoFile, repoHref } from '../../src/publish/clientRepo.ts'
import { judge } from '../helpers/judges.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'
import { makeHistory } from '../status/history.ts'

async function repos(settings: Record<string, object>): Promise<Repo[]> {
  await using history = await makeHistory(settings)
  return history.config.repos
}

test('the client checks packages itself, and is told that there is no signature of the metadata', async () => {
  const [repo] = (await repos({ one: { name: 'One', path: 'centos/9 stream/x86_64' } })) as [Repo]
  expect(repoFile(repo, 'https://mirror.example/', false)).toBe(`[one]
name=One
baseurl=https://mirror.example/centos/9%20stream/x86_64/
enabled=1
# Add gpgkey=URL of the key that upstream signs its packages with, unless rpm has it already.
gpgcheck=1
repo_gpgcheck=0
metadata_expire=21600
`)
})

test('packages of our own folders may have no signature', async () => {
  await using folder = await makeTemporaryFolder()
  const [repo] = (await repos({ own: { baseurl: undefined, local: folder.path } })) as [Repo]
  expect(repoFile(repo, 'http://h/', false)).toContain('\ngpgcheck=0\nrepo_gpgcheck=0\n')
})

test('upstream’s own metadata has upstream’s signature where there is one', async () => {
  await using folder = await makeTemporaryFolder()
  const [repo, made] = (await repos({ own: { metadata: 'upstream' }, made: {} })) as [Repo, Repo]
  for (const { path } of [repo, made]) mkdirSync(join(folder.path, path, 'repodata'), { recursive: true })
  expect(isSigned(folder.path, repo)).toBe(false)
  for (const { path } of [repo, made]) writeFileSync(join(folder.path, path, 'repodata/repomd.xml.asc'), '')
  expect([isSigned(folder.path, repo), isSigned(folder.path, made)]).toEqual([true, false])
  expect(repoFile(repo, 'http://h/', true)).toContain('\ngpgcheck=1\nrepo_gpgcheck=1\n')
})

test('metadata expires well before its files may go', async () => {
  const expires = (await repos({ a: { retain: '4h' }, b: { retain: '90d' }, c: { retain: '0' } })).map(
    (repo) => /metadata_expire=(\d+)/.exec(repoFile(repo, 'http://h/', false))?.[1],
  )
  expect(expires).toEqual(['3600', '21600', '60'])
})

test('a path that looks like a scheme or a variable is neither', () => {
  expect(repoHref('el:9/$basearch/ü')).toBe('el%3A9/%24basearch/%C3%BC/')
})

test.skipIf(!judge('dnf'))('dnf reads it', async () => {
  await using folder = await makeTemporaryFolder()
  const [repo] = (await repos({ 'one-9': { name: 'One of 9', path: 'el:9/a b' } })) as [Repo]
  writeFileSync(join(folder.path, 'one-9.repo'), repoFile(repo, 'http://127.0.0.1:9/', false))
  const options = [`--setopt=reposdir=${folder.path}`, `--setopt=cachedir=${folder.path}/cache`, '--releasever=9']
  const { stdout, stderr } = spawnSync('dnf', [...options, 'config-manager', '--dump', 'one-9'], { encoding: 'utf8' })
  const said = (key: string) => new RegExp(`^${key} = (.*)$`, 'm').exec(stdout)?.[1]
  expect(stderr).toBe('')
  expect(['name', 'baseurl', 'gpgcheck', 'repo_gpgcheck', 'metadata_expire'].map(said)).toEqual([
    'One of 9',
    'http://127.0.0.1:9/el%3A9/a%20b/',
    '1',
    '0',
    '21600',
  ])
})
