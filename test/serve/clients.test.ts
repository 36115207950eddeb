import { execFile, execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { makeAuthority } from '../helpers/authority.ts'
import { judge } from '../helpers/judges.ts'
import { pattern, running, tree } from './serving.ts'

const run = promisify(execFile)

const spec = `
Name: hello
Version: 1.0
Release: 1
Summary: A package to read over HTTP
License: MIT
BuildArch: noarch
%description
A package to read over HTTP.
%files
`

const dnfIsThere = judge('dnf', 'createrepo_c', 'rpmbuild', 'rpm', 'openssl')

/** A root with one repository of one package. */
async function published(path: string): Promise<{ root: string; folder: string }> {
  const root = tree({ '../build/hello.spec': spec })
  const folder = dirname(root)
  const repo = join(root, path)
  mkdirSync(repo, { recursive: true })
  await run('rpmbuild', ['-bb', '--quiet', '-D', `_topdir ${folder}/build`, join(folder, 'build/hello.spec')])
  copyFileSync(join(folder, 'build/RPMS/noarch/hello-1.0-1.noarch.rpm'), join(repo, 'hello-1.0-1.noarch.rpm'))
  await run('createrepo_c', ['--quiet', repo])
  return { root, folder }
}

test.skipIf(!dnfIsThere)('dnf reads and downloads from it', async () => {
  const { root, folder } = await published('a b/os')
  const { url, entries } = await running(root)
  // As a baseurl that was joined carelessly: the doubled slash is answered by a redirect, which dnf follows.
  const dnf = ['--repofrompath', `t,${url}a%20b//os/`, '--repoid=t', '--nogpgcheck', '--releasever=1']
  const own = [`--setopt=cachedir=${folder}/cache`, `--setopt=logdir=${folder}/log`, '--setopt=reposdir=/nonexistent']
  const { stdout } = await run('dnf', [...dnf, ...own, '-q', 'repoquery', '--qf', '%{name} %{evr}'])
  expect(stdout.trim()).toBe('hello 1.0-1')
  await run('dnf', [...dnf, ...own, '-q', `--installroot=${folder}/inst`, '-y', 'install', '--downloadonly', 'hello'])
  expect(entries.every(({ status }) => status === 200 || status === 206 || status === 301)).toBe(true)
  expect(entries.some(({ target }) => target.endsWith('/hello-1.0-1.noarch.rpm'))).toBe(true)
})

test.skipIf(!dnfIsThere)(
  'dnf reads over TLS with a certificate and a password, and not without one of them',
  async () => {
    const { root, folder } = await published('os')
    const authority = makeAuthority()
    const htpasswd = join(folder, 'htpasswd')
    writeFileSync(htpasswd, `ann:${execFileSync('openssl', ['passwd', '-6', 'secret'], { encoding: 'utf8' })}`)
    const tls = { ...authority.sign('server'), clientCa: authority.ca }
    const { url, entries } = await running(root, {}, { tls, htpasswd })
    const client = authority.sign('client')
    const repoquery = async (cache: string, ...options: string[]): Promise<string> => {
      const own = [
        `cachedir=${folder}/${cache}`,
        `logdir=${folder}/log`,
        'reposdir=/nonexistent',
        `t.sslcacert=${authority.ca}`,
      ]
      const set = [...own, 't.retries=1', 't.skip_if_unavailable=0', ...options].map((option) => `--setopt=${option}`)
      const dnf = [
        '--repofrompath',
        `t,${url}os/`,
        '--repoid=t',
        '--releasever=1',
        ...set,
        '-q',
        'repoquery',
        '--qf',
        '%{evr}',
      ]
      return (await run('dnf', dnf)).stdout.trim()
    }
    const certificate = [`t.sslclientcert=${client.cert}`, `t.sslclientkey=${client.key}`]
    const password = ['t.username=ann', 't.password=secret']
    expect(await repoquery('both', ...certificate, ...password)).toBe('1.0-1')
    expect(entries.every(({ status, user }) => status === 200 && user === 'ann')).toBe(true)
    await expect(repoquery('certificate', ...certificate)).rejects.toThrow('Cannot download repomd.xml')
    expect(entries.at(-1)?.status).toBe(401)
    await expect(repoquery('password', ...password)).rejects.toThrow('Cannot download repomd.xml')
    expect(entries.at(-1)?.status).toBe(403)
  },
)

test.skipIf(!(dnfIsThere && judge('gpg')))(
  'dnf finds the signature right whenever a publication comes between',
  async () => {
    const { root, folder } = await published('os')
    const repodata = join(root, 'os/repodata')
    const env = { ...process.env, GNUPGHOME: join(folder, 'gnupg') }
    mkdirSync(env.GNUPGHOME, { mode: 0o700 })
    const gpg = (...args: string[]) => run('gpg', ['--batch', '--quiet', ...args], { env, cwd: folder })
    await gpg('--passphrase', '', '--quick-gen-key', 'Test <test@example.org>', 'rsa2048', 'sign', 'never')
    await gpg('--armor', '--output', 'key', '--export')
    let generation = 0
    /** Another repomd.xml with its own signature, each renamed into place. */
    const publish = () => {
      generation += 1
      const next = join(folder, 'next')
      const text = readFileSync(join(repodata, 'repomd.xml'), 'utf8')
      writeFileSync(next, text.replace(/<revision>.*?</, `<revision>${generation}<`))
      execFileSync('gpg', ['--batch', '--quiet', '--yes', '--armor', '--detach-sign', next], { env })
      renameSync(`${next}.asc`, join(repodata, 'repomd.xml.asc'))
      renameSync(next, join(repodata, 'repomd.xml'))
    }
    publish()
    const onAnswer = ({ target }: { target: string }) => target.endsWith('/repomd.xml') && publish()
    const { url } = await running(root, {}, { onAnswer })
    const own = [`cachedir=${folder}/cache`, `logdir=${folder}/log`, 'reposdir=/nonexistent', 't.skip_if_unavailable=0']
    const signed = ['t.repo_gpgcheck=1', `t.gpgkey=file://${folder}/key`]
    const set = [...own, ...signed].map((option) => `--setopt=${option}`)
    await run('dnf', ['--repofrompath', `t,${url}os/`, '--repoid=t', '--releasever=1', ...set, '-q', '-y', 'makecache'])
    expect(generation).toBeGreaterThan(1)
  },
)

test.skipIf(!judge('curl'))('curl resumes a download and gets several ranges', async () => {
  const content = pattern(300_000)
  const root = tree({ 'x.rpm': content, part: content.subarray(0, 100_000) })
  const { url, entries } = await running(root)
  const part = join(root, 'part')
  await run('curl', ['-sS', '-C', '-', '-o', part, `${url}x.rpm`])
  expect(readFileSync(part).equals(content)).toBe(true)
  const parts = await run('curl', ['-sS', '-r', '5-9,-5', `${url}x.rpm`], { encoding: 'latin1' })
  expect(parts.stdout).toContain(`content-range: bytes 5-9/300000\r\n\r\n${content.toString('latin1', 5, 10)}\r\n--`)
  expect(parts.stdout).toContain(`bytes 299995-299999/300000\r\n\r\n${content.toString('latin1', 299_995)}\r\n--`)
  expect(entries.map(({ status }) => status)).toEqual([206, 206])
})

test.skipIf(!judge('zck', 'zckdl'))(
  'zckdl fetches only the chunks that it lacks, by several ranges at once',
  async () => {
    const root = tree({})
    const old = Array.from({ length: 8000 }, (_, n) => `${createHash('sha512').update(`${n}`).digest('hex')}\n`)
    writeFileSync(join(root, 'old'), old.join(''))
    writeFileSync(join(root, 'new'), old.map((line, n) => (n % 2000 === 1000 ? `changed ${line}` : line)).join(''))
    for (const name of ['old', 'new']) await run('zck', [name, '-o', `${name}.zck`], { cwd: root })
    const { url, entries } = await running(root)
    const folder = dirname(root)
    await run('zckdl', ['-s', join(root, 'old.zck'), `${url}new.zck`], { cwd: folder })
    expect(readFileSync(join(folder, 'new.zck')).equals(readFileSync(join(root, 'new.zck')))).toBe(true)
    const sent = entries.reduce((sum, { bytes }) => sum + bytes, 0)
    expect(entries.every(({ status }) => status === 206)).toBe(true)
    expect(sent).toBeLessThan(statSync(join(root, 'new.zck')).size / 2)
  },
)
