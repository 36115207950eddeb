import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeGnupg } from '../helpers/gpg.ts'
import { judge } from '../helpers/judges.ts'
import { makeSite, runMirror, spawnMirror } from '../helpers/mirror.ts'
import { signRpm } from '../helpers/rpmSigning.ts'
import { isolated, isRoot, run } from './clients.ts'
import { upstream as demo } from './demo.ts'

const isAble = isRoot && judge('dnf', 'gpg', 'rpmsign')

test.skipIf(!isAble)(
  'dnf with repo_gpgcheck=1 and gpgcheck=1 installs from a signed mirror by the .repo file that the daemon gives it',
  { timeout: 240_000 },
  async () => {
    await using site = await makeSite()
    using gnupg = makeGnupg(site.dir)
    gnupg.key('Upstream', 'rsa2048')
    gnupg.key('Mirror', 'rsa2048')
    const upstream = site.path('packages')
    mkdirSync(upstream)
    for (const rpm of ['w/whistle-0.9-4.noarch.rpm']) {
      const bytes = readFileSync(join(demo, 'Packages', rpm))
      writeFileSync(join(upstream, rpm.slice(2)), signRpm(gnupg, 'upstream@example.org', bytes))
    }
    expect(await runMirror(['createrepo', upstream])).toMatchObject({ status: 0 })
    const repomd = join(upstream, 'repodata/repomd.xml')
    writeFileSync(`${repomd}.asc`, gnupg.sign('upstream@example.org', readFileSync(repomd)))
    const [gpgkey, sign] = [site.path('RPM-GPG-KEY-upstream'), site.path('sign.key')]
    writeFileSync(gpgkey, gnupg.publicKeys('upstream@example.org'))
    writeFileSync(sign, gnupg.privateKey('mirror@example.org'))
    chmodSync(sign, 0o600)
    const checked = { repo_gpgcheck: true, gpgcheck: true, gpgkey }
    const t = { baseurl: upstream, path: 'el9/t', schedule: '@daily', ...checked, sign }
    await site.writeConfig({ listen: '127.0.0.1:0', repos: { t } })

    await using daemon = spawnMirror(['daemon', '-c', site.configFile])
    const [, url] = await daemon.says(/ at (http:\S+\/)/)
    await expect
      .poll(async () => (await fetch(`${url}el9/t/repodata/repomd.xml.asc`)).status, { timeout: 60_000, interval: 500 })
      .toBe(200)
    const repos = site.path('repos.d')
    mkdirSync(repos)
    const repoFile = await (await fetch(`${url}el9/t/t.repo`)).text()
    writeFileSync(join(repos, 't.repo'), repoFile)
    expect(repoFile).toContain(
      `gpgcheck=1\ngpgkey=${url}el9/t/repodata/repomd.xml.key ${url}el9/t/gpgkeys/RPM-GPG-KEY-upstream\nrepo_gpgcheck=1\n`,
    )

    const dnf = (home: string, ...args: string[]) => {
      mkdirSync(site.path(home))
      const own = isolated(site.path(home)).filter((option) => !/reposdir|gpgcheck/.test(option))
      // Debian's dnf has a plugin that installs from what it downloaded before, unverified.
      return run('dnf', [
        '--noplugins',
        ...own,
        `--setopt=reposdir=${repos}`,
        `--installroot=${site.path(home, 'root')}`,
        '-y',
        ...args,
      ])
    }
    await dnf('host', 'install', 'whistle')
    expect(await run('rpm', ['--root', site.path('host', 'root'), '-q', 'whistle'])).toBe('whistle-0.9-4.noarch\n')

    const { stdout } = await runMirror(['status', '-c', site.configFile, '--json'])
    const [{ generation }] = (JSON.parse(stdout) as { repos: [{ generation: { chain: object[] } }] }).repos
    expect(generation.chain).toEqual([
      expect.objectContaining({
        root: 'OpenPGP',
        key: gpgkey,
        gpgcheck: true,
        userId: 'Upstream <upstream@example.org>',
      }),
    ])

    const others = async (key: string) => {
      writeFileSync(site.path(`${key}.asc`), gnupg.publicKeys(`${key}@example.org`))
      return await dnf(key, 'install', 'whistle', `--setopt=t.gpgkey=file://${site.path(key)}.asc`).catch(
        ({ stderr }: { stderr: string }) => stderr,
      )
    }
    expect(await others('upstream')).toMatch(/repomd.xml GPG signature verification error/i)
    expect(await others('mirror')).toMatch(/GPG check FAILED/i)
  },
)
