import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { judge } from '../helpers/judges.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'
import { isolated, run } from './clients.ts'
import { upstream as demo } from './demo.ts'
import { publish } from './published.ts'

test.skipIf(!judge('dnf', 'gpg'))(
  'a signed repomd.xml stays valid for dnf with repo_gpgcheck',
  { timeout: 120_000 },
  async () => {
    await using folder = await makeTemporaryFolder()
    const signed = join(folder.path, 'signed')
    cpSync(demo, signed, { recursive: true })
    const key = await sign(folder.path, join(signed, 'repodata/repomd.xml'))
    await using published = await publish({ t: { baseurl: `${signed}/`, metadata: 'upstream' } })
    const repodata = join(published.folder('t'), 'repodata')
    expect(readdirSync(repodata).sort()).toEqual(
      readdirSync(join(signed, 'repodata'))
        .filter((name) => existsSync(join(repodata, name)))
        .sort(),
    )
    const makecache = () =>
      run('dnf', [
        ...options(folder.path),
        `--repofrompath=t,file://${published.folder('t')}/`,
        '--repo=t',
        '--setopt=t.repo_gpgcheck=1',
        `--setopt=t.gpgkey=file://${key}`,
        '-y',
        'makecache',
        '--refresh',
      ])
    await makecache()
    writeFileSync(
      join(repodata, 'repomd.xml.asc'),
      readFileSync(join(repodata, 'repomd.xml.asc'), 'utf8').replace(/\n\n[^\n]{8}/, '\n\nAAAAAAAA'),
    )
    await expect(makecache()).rejects.toThrow()
  },
)

function options(folder: string): string[] {
  return isolated(folder)
}

/** Signs a repomd.xml with a throwaway key; returns the public key's path. */
async function sign(folder: string, repomd: string): Promise<string> {
  const home = join(folder, 'gnupg')
  mkdirSync(home)
  chmodSync(home, 0o700)
  const gpg = (...args: string[]) => run('gpg', ['--homedir', home, '--batch', '--quiet', '--passphrase', '', ...args])
  await gpg('--quick-generate-key', 'test <test@example.org>', 'rsa3072', 'sign', 'never')
  await gpg('--armor', '--detach-sign', repomd)
  const key = join(folder, 'key.asc')
  await gpg('--armor', '--export', '--output', key)
  return key
}
